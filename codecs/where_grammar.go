package codecs

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
	whereOr struct {
		Terms []*whereAnd `parser:"@@ ( 'OR' @@ )*"`
	}
	whereAnd struct {
		Terms []*whereNot `parser:"@@ ( 'AND' @@ )*"`
	}
	whereNot struct {
		Not  *whereNot  `parser:"  'NOT' @@"`
		Test *whereTest `parser:"| @@"`
	}
	whereTest struct {
		Left    *whereOperand `parser:"@@"`
		Compare *whereCompare `parser:"( @@"`
		Is      *whereIs      `parser:"| @@"`
		Among   *whereAmong   `parser:"| @@ )?"`
	}
	whereCompare struct {
		Op    string        `parser:"@( '=' | '<>' | '!=' | '<=' | '>=' | '<' | '>' )"`
		Right *whereOperand `parser:"@@"`
	}
	whereIs struct {
		Not  bool   `parser:"'IS' @'NOT'?"`
		What string `parser:"@( 'NULL' | 'TRUE' | 'FALSE' )"`
	}
	whereAmong struct {
		Not     bool            `parser:"@'NOT'?"`
		In      []*whereOperand `parser:"( 'IN' '(' @@ ( ',' @@ )* ')'"`
		Like    *whereOperand   `parser:"| 'LIKE' @@"`
		ILike   *whereOperand   `parser:"| 'ILIKE' @@"`
		Between *whereRange     `parser:"| @@ )"`
	}
	whereRange struct {
		Low  *whereOperand `parser:"'BETWEEN' @@"`
		High *whereOperand `parser:"'AND' @@"`
	}
	whereOperand struct {
		Pos    lexer.Position
		Group  *whereOr `parser:"  '(' @@ ')'"`
		Word   *string  `parser:"| @( 'TRUE' | 'FALSE' | 'NULL' )"`
		Text   *string  `parser:"| @String"`
		Number *string  `parser:"| @( '-'? Number )"`
		Quoted *string  `parser:"| @Quoted"`
		Name   *string  `parser:"| @Name"`
	}
)

// whereParser is built once: that takes a while, and the result never changes.
var whereParser = sync.OnceValue(func() *participle.Parser[whereOr] {
	words := `(?i)\b(AND|OR|NOT|IN|LIKE|ILIKE|BETWEEN|IS|NULL|TRUE|FALSE)\b`
	return participle.MustBuild[whereOr](
		participle.Lexer(lexer.MustSimple([]lexer.SimpleRule{
			{Name: "Keyword", Pattern: words},
			{Name: "Name", Pattern: `[\pL_][\pL\pN_$]*`},
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

// maxWhere bounds the text of a condition, and so how deep it can nest.
const maxWhere = 10_000

func parseWhere(text string) (*whereOr, error) {
	if len(text) > maxWhere {
		return nil, fmt.Errorf("a condition has at most %d characters", maxWhere)
	}
	w, err := whereParser().ParseString("", text)
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
