package ticdc

import (
	"encoding/base64"
	"strconv"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Bits of a column's flag.
const (
	binaryFlag    = 0x01
	handleKeyFlag = 0x02
	primaryFlag   = 0x08
	unsignedFlag  = 0x80
)

// Codes of column types whose values are written in a way of their own.
const (
	varchar, varString, char               = 15, 253, 254
	tinyBlob, mediumBlob, longBlob, blobby = 249, 250, 251, 252
)

// column is {"t": code, "f": flag, "h": bool, "v": value}.
func column(raw []byte) (code, flag int64, value []byte, handle, ok bool) {
	s := jsontext.Scan(raw)
	if s.Peek() != '{' {
		return 0, 0, nil, false, false
	}
	for _, name := range s.Members() {
		v := s.Value()
		switch string(name) {
		case "t":
			code, ok = jsontext.Int(v)
		case "f":
			flag, _ = jsontext.Int(v)
		case "h":
			handle = string(v) == "true"
		case "v":
			value = v
		}
	}
	return code, flag, value, handle, ok && s.End()
}

// appendValue writes a column's value as the simple protocol does: bytes in base64, text as it is.
// Blobs are in base64 here, also those of text; binary strings are written with Go's escapes.
func appendValue(dst, raw []byte) (out []byte, reason string) {
	code, flag, value, _, ok := column(raw)
	switch {
	case !ok:
		return dst, jsontext.Mismatch(`a column such as {"t":3,"v":1}`, raw)
	case jsontext.IsNull(value):
		return append(dst, "null"...), ""
	case value[0] != '"':
		return append(dst, value...), ""
	}
	binary := flag&binaryFlag != 0
	switch code {
	case tinyBlob, mediumBlob, longBlob, blobby:
		if binary {
			break
		}
		text, _ := jsontext.Unquote(value)
		b, err := base64.StdEncoding.AppendDecode(nil, text)
		if err != nil {
			return dst, jsontext.Mismatch("text in base64", value)
		}
		return tables.AppendJSONString(dst, string(b)), ""
	case varchar, varString, char:
		if !binary {
			break
		}
		text, _ := jsontext.Unquote(value)
		b, err := strconv.Unquote(`"` + string(text) + `"`)
		if err != nil {
			return dst, jsontext.Mismatch("bytes with escapes", value)
		}
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), []byte(b))
		return append(dst, '"'), ""
	}
	return append(dst, value...), ""
}

// mysqlTypes are names of the codes; those of text and of bytes share one.
var mysqlTypes = map[int64][2]string{
	1: {"tinyint"}, 2: {"smallint"}, 3: {"int"}, 4: {"float"}, 5: {"double"}, 7: {"timestamp"}, 8: {"bigint"}, 9: {"mediumint"},
	10: {"date"}, 14: {"date"}, 11: {"time"}, 12: {"datetime"}, 13: {"year"}, 16: {"bigint unsigned"}, 245: {"json"}, 246: {"decimal"},
	247: {"bigint"}, 248: {"bigint unsigned"}, varchar: {"varchar", "varbinary"}, varString: {"varchar", "varbinary"}, char: {"char", "binary"},
	tinyBlob: {"tinytext", "tinyblob"}, mediumBlob: {"mediumtext", "mediumblob"}, longBlob: {"longtext", "longblob"}, blobby: {"text", "blob"},
}

// mysqlType names the type of a column, and reports whether it is in the key.
func mysqlType(raw []byte) (name string, primary bool) {
	code, flag, _, handle, _ := column(raw)
	names := mysqlTypes[code]
	name = names[0]
	switch {
	case flag&binaryFlag != 0 && names[1] != "":
		name = names[1]
	case flag&unsignedFlag != 0 && code == 8:
		name += " unsigned"
	}
	return name, flag&(primaryFlag|handleKeyFlag) != 0 || handle
}
