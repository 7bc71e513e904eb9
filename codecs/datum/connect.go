package datum

import (
	"maps"
	"slices"
	"strconv"

	"github.com/tidemark/tidemark/tables"
)

// Connect returns what Kafka Connect calls the type: one of its own types, such as
// int64 or struct, the name that says what its values mean, and that name's
// parameters. Avro's own logical types are given by the Connect name that means the
// same. Of null or one other type it is that of the other; of a union of several
// types nothing is known.
func (t *Type) Connect() (typ, name string, params map[string]string) {
	t = t.Optional()
	if t.kind == union {
		return "", "", nil
	}
	typ = t.connectType()
	if t.connect != "" {
		return typ, t.connect, t.params
	}
	if name, params = t.meaning(); name == "" && t.kind == record {
		name = t.name
	}
	return typ, name, params
}

func (t *Type) connectType() string {
	switch t.kind {
	case boolean:
		return "boolean"
	case integer:
		if t.avro == "int" {
			return "int32"
		}
		return "int64"
	case float, double:
		return t.avro
	case raw:
		return "bytes"
	case fixed:
		if t.isUUID() || t.isDuration() {
			return "string"
		}
		return "bytes"
	case text, enum:
		return "string"
	case array:
		if !t.pairs {
			return "array"
		}
		return "map"
	case mapping:
		return "map"
	case record:
		return "struct"
	}
	return ""
}

// meaning is the Connect name of an Avro logical type.
func (t *Type) meaning() (name string, params map[string]string) {
	switch t.logical {
	case "decimal":
		return "org.apache.kafka.connect.data.Decimal", map[string]string{
			"scale": strconv.Itoa(t.scale), "connect.decimal.precision": strconv.Itoa(t.digits),
		}
	case "date":
		name = "io.debezium.time.Date"
	case "time-millis":
		name = "io.debezium.time.Time"
	case "time-micros":
		name = "io.debezium.time.MicroTime"
	case "timestamp-millis", "local-timestamp-millis":
		name = "io.debezium.time.Timestamp"
	case "timestamp-micros", "local-timestamp-micros":
		name = "io.debezium.time.MicroTimestamp"
	case "timestamp-nanos", "local-timestamp-nanos":
		name = "io.debezium.time.NanoTimestamp"
	case "uuid":
		name = "io.debezium.data.Uuid"
	}
	return name, nil
}

// maxConnectNodes bounds the schema that AppendConnect writes: a type that is
// mentioned often is there as often.
const maxConnectNodes = 20_000

// AppendConnect appends the schema as Kafka Connect's JSON converter would have
// written it beside a payload. A recursive type ends where it repeats, and a
// schema of more than 20,000 types ends there.
func (s *Schema) AppendConnect(dst []byte) []byte {
	c := connectWriter{left: maxConnectNodes, above: map[*Type]bool{}}
	return c.schema(dst, s.Root, "")
}

type connectWriter struct {
	left  int
	above map[*Type]bool
}

func (c *connectWriter) schema(dst []byte, t *Type, member string) []byte {
	typ, name, params := t.Connect()
	dst = append(dst, `{"type":`...)
	dst = tables.AppendJSONString(dst, typ)
	for _, v := range [][2]string{{"name", name}, {"field", member}} {
		if v[1] != "" {
			dst = append(append(append(dst, ",\""...), v[0]...), "\":"...)
			dst = tables.AppendJSONString(dst, v[1])
		}
	}
	if len(params) > 0 {
		dst = append(dst, `,"parameters":{`...)
		for i, k := range slices.Sorted(maps.Keys(params)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(tables.AppendJSONString(dst, k), ':')
			dst = tables.AppendJSONString(dst, params[k])
		}
		dst = append(dst, '}')
	}
	t = t.Optional()
	if c.left--; t.kind == record && c.left > 0 && !c.above[t] {
		dst = c.fields(dst, t)
	}
	return append(dst, '}')
}

func (c *connectWriter) fields(dst []byte, t *Type) []byte {
	c.above[t] = true
	dst = append(dst, `,"fields":[`...)
	for i := range t.fields {
		if c.left <= 0 {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = c.schema(dst, t.fields[i].typ, t.fields[i].name)
	}
	delete(c.above, t)
	return append(dst, ']')
}
