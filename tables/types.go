package tables

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the sort of a value or of a column.
type Kind uint8

// The kinds. Null and Unavailable are states of a value, never the kind of a column.
const (
	Null        Kind = iota
	Unavailable      // the source's log did not carry the value and none is stored
	Bool
	Int64
	Float64
	DecimalKind
	String
	JSON
	Bytes
	UUID
	Date
	Time
	Timestamp
)

var kindNames = [...]string{
	Null: "null", Unavailable: "unavailable", Bool: "bool", Int64: "int64", Float64: "float64",
	DecimalKind: "decimal", String: "string", JSON: "json", Bytes: "bytes", UUID: "uuid",
	Date: "date", Time: "time", Timestamp: "timestamp",
}

// String returns the kind's name as it is written in a configuration.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// MaxPrecision is the largest number of digits of a decimal.
const MaxPrecision = 38

// Type is the type of a column. Precision and Scale are set for decimals only:
// 1 <= Precision <= 38, 0 <= Scale <= Precision.
type Type struct {
	Kind      Kind
	Precision uint8
	Scale     uint8
}

// String returns the type as it is written in a configuration.
func (t Type) String() string {
	if t.Kind == DecimalKind {
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	}
	return t.Kind.String()
}

// MarshalText writes the type as String does.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Type) UnmarshalText(text []byte) error {
	parsed, err := ParseType(string(text))
	if err == nil {
		*t = parsed
	}
	return err
}

// TypeNames lists the names that ParseType knows, for suggestions.
func TypeNames() []string {
	return []string{"string", "bool", "int64", "float64", "json", "decimal(p,s)", "date", "time", "timestamp", "uuid", "bytes"}
}

// ParseType reads a type as it is written in a configuration.
func ParseType(s string) (Type, error) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "decimal"); ok {
		return parseDecimalType(s, rest)
	}
	for k := Bool; k <= Timestamp; k++ {
		if k != DecimalKind && kindNames[k] == s {
			return Type{Kind: k}, nil
		}
	}
	return Type{}, fmt.Errorf("%q is no type; the types are %s", s, strings.Join(TypeNames(), ", "))
}

func parseDecimalType(all, args string) (Type, error) {
	bad := fmt.Errorf("%q is no decimal type: write decimal(p,s) with 1 <= p <= %d and 0 <= s <= p", all, MaxPrecision)
	args = strings.TrimSpace(args)
	if !strings.HasPrefix(args, "(") || !strings.HasSuffix(args, ")") {
		return Type{}, bad
	}
	ps, ss, ok := strings.Cut(args[1:len(args)-1], ",")
	if !ok {
		ss = "0"
	}
	p, err1 := strconv.Atoi(strings.TrimSpace(ps))
	s, err2 := strconv.Atoi(strings.TrimSpace(ss))
	if err1 != nil || err2 != nil || p < 1 || p > MaxPrecision || s < 0 || s > p {
		return Type{}, bad
	}
	return Type{Kind: DecimalKind, Precision: uint8(p), Scale: uint8(s)}, nil
}
