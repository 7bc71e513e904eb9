package avro

import (
	"github.com/tidemark/tidemark/codecs/datum"
)

// Schemas is where the schemas of Avro records come from: a registry.
type Schemas interface {
	// Schema returns the schema of an ID. The error wraps ErrUnavailable when that
	// cannot be known now; any other says that the ID has no schema that can be read.
	Schema(id datum.ID) (*datum.Schema, error)
}
