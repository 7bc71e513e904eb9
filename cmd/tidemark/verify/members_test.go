package verify

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func threeColumns() []tables.Column {
	return []tables.Column{
		{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}}, {Name: "doc", Type: tables.Type{Kind: tables.JSON}},
	}
}

func TestMembersAreTakenApart(t *testing.T) {
	for raw, want := range map[string]bool{
		`{"id":1,"v":"a,\"b}","doc":{"x":[1,{"y":"]"}]}}`: true,
		` {"id":null,"v":null,"doc":null} `:               true,
		`{"v":"a","id":1,"doc":null}`:                     false,
		`{"id":1,"v":"a"}`:                                false,
		`{"id":1,"v":"a","doc":1,"more":2}`:               false,
		`{"id": 1, "v":"a","doc":1}`:                      false,
		`{}`:                                              false,
		`[]`:                                              false,
	} {
		if got := membersInOrder(threeColumns(), []byte(raw), make([]json.RawMessage, 3)); got != want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}

// FuzzMembers holds the quick reader against the one of the standard library.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{`{"id":1,"v":"a\\","doc":[{}]}`, `{"id":1,"v":"\"","doc":"}"}`, `{"id":1,"v":"a","doc":null}`, `{"v":1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &members) != nil {
			return
		}
		got := make([]json.RawMessage, 3)
		if !membersInOrder(threeColumns(), []byte(s), got) {
			return
		}
		for i, c := range threeColumns() {
			var a, b any
			if json.Unmarshal(got[i], &a) != nil || json.Unmarshal(members[c.Name], &b) != nil || !reflect.DeepEqual(a, b) {
				t.Fatalf("%s: %s is %s, and %s", s, c.Name, got[i], members[c.Name])
			}
		}
	})
}
