package sources

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/tables"
)

// absent stands for null.
const absent = "null"

// wanted turns what SELECT printed into the text that a view must give: days, and microseconds, become dates and
// times; documents and floats are written in one way.
func (c column) wanted(s Settings, text []byte) (string, error) {
	if text == nil {
		return absent, nil
	}
	typ := c.declare(s)["type"].(string)
	switch typ {
	case "date", "time", "timestamp":
		return clock(typ, string(text))
	case "json":
		return oneSpelling(text)
	case "float64":
		return c.float(string(text))
	}
	return string(text), nil
}

// answered turns a member of an answer into text that compares with wanted.
func (c column) answered(s Settings, v any) (string, error) {
	if v == nil {
		return absent, nil
	}
	if c.declare(s)["type"] == "json" {
		raw, err := json.Marshal(v)
		if err != nil {
			return "", err
		}
		return oneSpelling(raw)
	}
	text := fmt.Sprint(v)
	switch {
	case c.typ == "float64":
		return c.float(text)
	case strings.HasSuffix(c.from, ".wkb"):
		return box(text)
	}
	return text, nil
}

func clock(typ, text string) (string, error) {
	if strings.HasSuffix(text, "infinity") || strings.HasPrefix(text, "0000-00-00") {
		return text, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", err
	}
	switch typ {
	case "date":
		return string(tables.AppendDate(nil, n)), nil
	case "time":
		if n < 0 {
			return "-" + string(tables.AppendTime(nil, -n)), nil
		}
		return string(tables.AppendTime(nil, n)), nil
	}
	return string(tables.AppendTimestamp(nil, n)), nil
}

// float compares floats as floats: a source's shortest text of one is not everybody's.
func (c column) float(text string) (string, error) {
	size := 64
	if c.name == "c_real" || c.name == "c_float" {
		size = 32
	}
	f, err := strconv.ParseFloat(text, size)
	if err != nil && !math.IsInf(f, 0) {
		return "", err
	}
	return strconv.FormatFloat(f, 'g', -1, size), nil
}

func oneSpelling(document []byte) (string, error) {
	var v any
	if err := harness.Decode(document, &v); err != nil {
		return "", fmt.Errorf("%s: %w", document, err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(out.String()), err
}

// box reads a box from the well-known binary form of its polygon, and writes it as PostgreSQL does.
func box(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	const head, points = 1 + 4 + 4 + 4, 5
	if err != nil || len(raw) != head+points*16 || raw[0] != 1 {
		return text, err
	}
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i := range points * 2 {
		f := math.Float64frombits(binary.LittleEndian.Uint64(raw[head+i*8:]))
		low[i%2], high[i%2] = min(low[i%2], f), max(high[i%2], f)
	}
	return fmt.Sprintf("(%g,%g),(%g,%g)", high[0], high[1], low[0], low[1]), nil
}
