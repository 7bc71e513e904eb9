package codectest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// PlaceholderText is the text that connectors write unless configured otherwise.
const PlaceholderText = "__debezium_unavailable_value"

// PlaceholderShapes are the forms in which a value that was not in the log can come.
func PlaceholderShapes(text string) map[string]string {
	b64 := base64.StdEncoding.EncodeToString([]byte(text))
	var codes []string
	for _, c := range []byte(text) {
		codes = append(codes, fmt.Sprint(c))
	}
	quoted, _ := json.Marshal(map[string]string{text: text})
	asText, _ := json.Marshal(string(quoted))
	return map[string]string{
		"text":            `"` + text + `"`,
		"base64":          `"` + b64 + `"`,
		"hexadecimal":     fmt.Sprintf(`"%x"`, text),
		"array of text":   `["` + text + `"]`,
		"array of base64": `[ "` + b64 + `" ]`,
		"codes":           `[` + strings.Join(codes, ",") + `]`,
		"map":             string(quoted),
		"map as text":     string(asText),
	}
}
