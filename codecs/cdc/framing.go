package cdc

// Framings of JSON whose schema is in a registry: a zero byte, the schema's id in four bytes
// as Confluent's serializers write it or in eight as Apicurio's do, and the JSON. No JSON text begins with a zero byte.
const (
	frameMark    = 0
	confluentEnd = 5
	apicurioEnd  = 9
)

// unframed returns the JSON behind the id of its schema, and b itself where there is none.
// Only what begins like an object or a text is taken for JSON: a number of some bytes
// may look like an id with a digit behind it.
func unframed(b []byte) []byte {
	if len(b) == 0 || b[0] != frameMark {
		return b
	}
	for _, end := range [...]int{confluentEnd, apicurioEnd} {
		if len(b) > end && (b[end] == '{' || b[end] == '"' && b[len(b)-1] == '"' && len(b) > end+1) {
			return b[end:]
		}
	}
	return b
}
