package checkup

import (
	"bytes"
	"encoding/json"

	"github.com/tidemark/tidemark/cmd/tidemark/sample"
)

// deletedMember is what ExtractNewRecordState adds to every row when it rewrites deletes.
const deletedMember = "__deleted"

// rewrites reports whether the transform writes deletes as rows: the newest row of each
// partition says whether it is deleted, so a delete would be written, too. The newest
// ones count, as the mode may have been another one before.
func rewrites(s *sample.Sample) bool {
	newest := map[int32]bool{}
	for _, r := range s.Records {
		ms := membersOf(r.Value)
		if ms == nil {
			continue
		}
		_, tells := ms[deletedMember]
		for _, h := range r.Headers {
			tells = tells || h.Name == deletedMember
		}
		newest[r.Partition] = tells
	}
	for _, tells := range newest {
		if !tells {
			return false
		}
	}
	return len(newest) > 0
}

// membersOf returns the members of a JSON object, of what is in it where a converter put
// its schema beside it; nil when it is no object.
func membersOf(b []byte) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' || json.Unmarshal(b, &out) != nil {
		return nil
	}
	payload, wrapped := out["payload"]
	if _, schema := out["schema"]; wrapped && (schema && len(out) == 2 || len(out) == 1) {
		return membersOf(payload)
	}
	return out
}
