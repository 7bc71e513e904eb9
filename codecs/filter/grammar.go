package filter

import (
	"fmt"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The grammar of a table's where. Each struct is a rule; operators bind as in SQL:
// NOT before AND before OR.
type (
	orRule struct {
		Terms []*andRule `parser:"@@ ( 'OR' @@ )*"`
	}
	andRule struct {
		Terms []*notRule `parser:"@@ ( 'AND' @@ )*"`
	}
	notRule struct {
		Not  *notRule  `parser:"  'NOT' @@"`
		Test *testRule `parser:"| @@"`
	}
	testRule struct {
		Left    *operandRule `parser:"@@"`
		Compare *compareRule `parser:"( @@"`
		Is      *isRule      `parser:"| @@"`
		Among   *amongRule   `parser:"| @@ )?"`
	}
	compareRule struct {
		Op    string       `parser:"@( '=' | '<>' | '!=' | '<=' | '>=' | '<' | '>' )"`
		Right *operandRule `parser:"@@"`
	}
	isRule struct {
		Not  bool   `parser:"'IS' @'NOT'?"`
		What string `parser:"@( 'NULL' | 'TRUE' | 'FALSE' )"`
	}
	amongRule struct {
		Not     bool           `parser:"@'NOT'?"`
		In      []*operandRule `parser:"( 'IN' '(' @@ ( ',' @@ )* ')'"`
		Like    *operandRule   `parser:"| 'LIKE' @@"`
		ILike   *operandRule   `parser:"| 'ILIKE' @@"`
		Between *rangeRule     `parser:"| @@ )"`
	}
	rangeRule struct {
		Low  *operandRule `parser:"'BETWEEN' @@"`
		High *operandRule `parser:"'AND' @@"`
	}
	operandRule struct {
		Pos    lexer.Position
		Group  *orRule `parser:"  '(' @@ ')'"`
		Word   *string `parser:"| @( 'TRUE' | 'FALSE' | 'NULL' )"`
		Text   *string `parser:"| @String"`
		Number *string `parser:"| @( '-'? Number )"`
		Quoted *string `parser:"| @Quoted"`
		Name   *string `parser:"| @Name"`
	}
)

// parser is built once: that takes a while, and the result never changes.
var parser = sync.OnceValue(func() *participle.Parser[orRule] {
	words := `(?i)\b(AND|OR|NOT|IN|LIKE|ILIKE|BETWEEN|IS|NULL|TRUE|FALSE)\b`
	return participle.MustBuild[orRule](
		participle.Lexer(lexer.MustSimple([]lexer.SimpleRule{
			{Name: "Keyword", Pattern: words},
			{Name: "Name", Pattern: `[\pL_][\pL\pN_$]*(?:\.[\pL_][\pL\pN_$-]*)*`},
			{Name: "Quoted", Pattern: `"(?:[^"]|"")+"`},
			{Name: "String", Pattern: `'(?:[^']|'')*'`},
			{Name: "Number", Pattern: `(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`},
			{Name: "Operator", Pattern: `<>|!=|<=|>=|[-=<>(),]`},
			{Name: "space", Pattern: `\s+`},
		})),
		participle.CaseInsensitive("Keyword"),
		participle.UseLookahead(2),
	)
})

// maxLength bounds the text of a condition, and so how deep it can nest.
const maxLength = 10_000

func parse(text string) (*orRule, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("a condition has at most %d characters", maxLength)
	}
	w, err := parser().ParseString("", text)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// unquoteSQL takes the quotes off a literal or a name.
func unquoteSQL(s string) string {
	q := s[:1]
	return strings.ReplaceAll(s[1:len(s)-1], q+q, q)
}
