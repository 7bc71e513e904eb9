package convert

// What a schema can make of itself is bounded: Avro's may be recursive.
const (
	maxFormDepth = 32
	maxForms     = 4096
)

// formOf returns the form of values with a schema; nil where their JSON says all.
func formOf(f *Schema) *form {
	left := maxForms
	return nested(f, 0, &left)
}

func nested(f *Schema, depth int, left *int) *form {
	if f == nil || depth > maxFormDepth || *left <= 0 {
		return nil
	}
	*left--
	if m, known := f.meaning(); known {
		if depth == 0 || !m.shows() {
			return nil // the column itself is no array, or its JSON says what it is
		}
		return &form{m: m}
	}
	out := &form{}
	switch f.Type {
	case "array":
		out.items = nested(f.item(), depth+1, left)
	case "map":
		key, value := f.pair()
		out.keys, out.values = nested(key, depth+1, left), nested(value, depth+1, left)
	case "struct":
		for _, name := range f.names() {
			if in := nested(f.Member(name), depth+1, left); in != nil {
				if out.fields == nil {
					out.fields = map[string]*form{}
				}
				out.fields[name] = in
			}
		}
	}
	if out.items == nil && out.keys == nil && out.values == nil && out.fields == nil {
		return nil
	}
	return out
}

// shows reports whether an item of the meaning is written in another way than it came.
func (m Meaning) shows() bool {
	switch m.kind {
	case bytesBase64, durationUs, durationNs:
		return false
	}
	return true
}

// under returns the declared form with what a schema says of the items.
func (d *form) under(f *Schema) *form {
	for depth := 0; f != nil && f.Type == "array" && depth < maxFormDepth; depth++ {
		f = f.item()
	}
	out := *d
	if f != nil {
		out.m = meant(*d.typ, d.m, f)
	}
	return &out
}
