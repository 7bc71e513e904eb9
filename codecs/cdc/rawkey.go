package cdc

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A rawKey reads keys that are no JSON, as Kafka's own serializers write them: numbers are
// big endian.
type rawKey struct {
	format tables.KeyFormat
	guess  bool // eight bytes that are no JSON are an int64
}

func newRawKey(t *tables.Table, columns []tables.Column) rawKey {
	k := rawKey{format: t.Source.KeyFormat}
	if len(columns) == 1 {
		k.guess = k.format == tables.KeyJSON && columns[0].Type.Kind == tables.Int64 && !t.Source.Format.Avro()
	}
	return k
}

// text returns the JSON of a key, and the key itself where it is JSON.
func (k rawKey) text(key []byte) ([]byte, *codecs.Error) {
	if k.guess {
		if len(key) == 8 && !json.Valid(key) {
			return appendInt64(key), nil
		}
		return key, nil
	}
	size := 0
	switch k.format {
	case tables.KeyJSON:
		return key, nil
	case tables.KeyString:
		if err := checkUTF8(key, "key"); err != nil {
			return nil, err
		}
		return tables.AppendJSONString(nil, string(key)), nil
	case tables.KeyBytes:
		return tables.AppendJSONString(nil, base64.StdEncoding.EncodeToString(key)), nil
	case tables.KeyUUID:
		return uuidText(key)
	case tables.KeyInt32:
		size = 4
	default:
		size = 8
	}
	if len(key) != size {
		return nil, &codecs.Error{Field: "key", Reason: fmt.Sprintf("%d bytes, want the %d of an %s: %s", len(key), size, k.format, jsontext.Clip(key)), Cause: codecs.ErrOtherKey}
	}
	switch k.format {
	case tables.KeyInt32:
		return strconv.AppendInt(nil, int64(int32(binary.BigEndian.Uint32(key))), 10), nil
	case tables.KeyFloat64:
		f := math.Float64frombits(binary.BigEndian.Uint64(key))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, &codecs.Error{Field: "key", Reason: "a number that is none: " + strconv.FormatFloat(f, 'g', -1, 64)}
		}
		return strconv.AppendFloat(nil, f, 'g', -1, 64), nil
	}
	return appendInt64(key), nil
}

func appendInt64(key []byte) []byte {
	return strconv.AppendInt(nil, int64(binary.BigEndian.Uint64(key)), 10)
}

// uuidText takes the text of a UUID, as Kafka's serializer writes it, or its sixteen bytes.
func uuidText(key []byte) ([]byte, *codecs.Error) {
	if len(key) == 16 {
		return tables.AppendJSON(nil, tables.Type{Kind: tables.UUID}, tables.UUIDValue([16]byte(key)), false), nil
	}
	if err := checkUTF8(key, "key"); err != nil {
		return nil, err
	}
	return tables.AppendJSONString(nil, string(key)), nil
}
