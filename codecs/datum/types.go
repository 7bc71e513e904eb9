package datum

// kind is the type of a datum.
type kind uint8

const (
	null kind = iota
	boolean
	integer // int and long, which are written alike
	float
	double
	raw
	text
	fixed
	enum
	array
	mapping
	record
	union
)

// Schema is a parsed schema. It is not changed any more, so it may be shared.
type Schema struct {
	Root *Type
	Size int // bytes of its text, with those that it refers to
}

// Type is the type of a datum, or of a part of one. Types of recursive schemas
// are cyclic.
type Type struct {
	kind     kind
	avro     string // the type's name in Avro, such as long
	name     string // full name of a named type
	logical  string // Avro's logical type
	connect  string // connect.name: what Kafka Connect calls it
	params   map[string]string
	scale    int
	digits   int
	size     int      // of fixed
	symbols  [][]byte // of an enum, as JSON
	items    *Type    // of an array or a map
	pairs    bool     // an array of key and value records, which stands for a map
	fields   []field
	branches []*Type
}

type field struct {
	name string
	json []byte // "name":
	typ  *Type
}

// Optional returns the type of a union of null and one other; any other type is
// returned as it is.
func (t *Type) Optional() *Type {
	if t.kind != union {
		return t
	}
	var only *Type
	for _, b := range t.branches {
		switch {
		case b.kind == null:
		case only != nil:
			return t
		default:
			only = b
		}
	}
	if only == nil {
		return t
	}
	return only
}

// Field returns the type of the named field, or nil. Of a union it is that of the
// first record in it that has such a field.
func (t *Type) Field(name string) *Type {
	if t.kind == union {
		for _, b := range t.branches {
			if f := b.Field(name); f != nil {
				return f
			}
		}
	}
	for i := range t.fields {
		if t.fields[i].name == name {
			return t.fields[i].typ
		}
	}
	return nil
}

// Items returns the type of an array's items, or nil.
func (t *Type) Items() *Type {
	if t = t.Optional(); t.kind == array && !t.pairs {
		return t.items
	}
	return nil
}

// Pair returns the types of a map's keys and values, as far as it has them: the keys
// of Avro's own maps are strings, whose type is nil.
func (t *Type) Pair() (key, value *Type) {
	switch t = t.Optional(); {
	case t.kind == mapping:
		return nil, t.items
	case t.kind == array && t.pairs:
		return t.items.Field("key"), t.items.Field("value")
	}
	return nil, nil
}

// Fields returns the names of a record's fields.
func (t *Type) Fields() []string {
	t = t.Optional()
	out := make([]string, len(t.fields))
	for i := range t.fields {
		out[i] = t.fields[i].name
	}
	return out
}

// minSize is the least number of bytes that an element takes, as far as it is
// cheap to know: 0 or 1.
func (t *Type) minSize() int {
	switch t.kind {
	case null, record:
		return 0
	case fixed:
		return min(t.size, 1)
	}
	return 1
}
