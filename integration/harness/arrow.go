package harness

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
)

// arrowValue returns one value as an answer's JSON would hold it.
func arrowValue(a arrow.Array, i int) (any, error) {
	if a.IsNull(i) {
		return nil, nil
	}
	switch x := a.(type) {
	case *array.Boolean:
		return x.Value(i), nil
	case *array.Int64:
		return json.Number(fmt.Sprint(x.Value(i))), nil
	case *array.Float64:
		return x.Value(i), nil
	case *array.Decimal128:
		t := x.DataType().(*arrow.Decimal128Type)
		return json.Number(x.Value(i).ToString(t.Scale)), nil
	case *array.Date32:
		return x.Value(i).ToTime().Format("2006-01-02"), nil
	case *array.Time64:
		return time.UnixMicro(int64(x.Value(i))).UTC().Format("15:04:05.000000"), nil
	case *array.Timestamp:
		return time.UnixMicro(int64(x.Value(i))).UTC().Format("2006-01-02T15:04:05.000000Z"), nil
	case *array.String:
		return x.Value(i), nil
	case *array.Binary:
		return base64.StdEncoding.EncodeToString(x.Value(i)), nil
	case *array.Dictionary:
		return arrowValue(x.Dictionary(), x.GetValueIndex(i))
	case *extensions.UUIDArray:
		return x.Value(i).String(), nil
	}
	return nil, fmt.Errorf("an Arrow array of type %s", a.DataType())
}

// document is an embedded JSON document, which Parquet keeps as bytes or text.
func document(a arrow.Array, i int) (any, error) {
	var text []byte
	switch x := a.(type) {
	case *array.Binary:
		text = x.Value(i)
	case *array.String:
		text = []byte(x.Value(i))
	case *array.Dictionary:
		return document(x.Dictionary(), x.GetValueIndex(i))
	default:
		return nil, fmt.Errorf("a document of type %s", a.DataType())
	}
	if a.IsNull(i) {
		return nil, nil
	}
	var v any
	err := Decode(text, &v)
	return v, err
}
