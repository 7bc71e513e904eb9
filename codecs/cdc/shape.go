package cdc

import (
	"github.com/tidemark/tidemark/codecs/jsontext"
)

// maxMembers is how many members are looked at.
const maxMembers = 4096

// shapeOf names what a record is that is no row and no envelope: the reason to
// skip it, or nothing when it is none of what connectors write beside rows.
func shapeOf(payload []byte) string {
	seen := map[string]bool{}
	s := jsontext.Scan(payload)
	if s.Peek() != '{' {
		return ""
	}
	for _, name := range s.Members() {
		if s.Value() == nil || len(seen) > maxMembers {
			return ""
		}
		seen[string(name)] = true
	}
	if s.Fault != "" {
		return ""
	}
	switch {
	case isSignal(payload):
		return SkipSignal
	case seen["status"] && seen["id"] && seen["event_count"] && seen["data_collections"]:
		return SkipTransaction
	case seen["databaseName"] && seen["ddl"], seen["ddl"] && seen["tableChanges"]:
		return SkipSchemaChange
	case seen["aggregate_type"] && seen["additional_data"]:
		return SkipNotification
	case seen["message"] && seen["op"]:
		return SkipMessage
	case seen["resolved"] && len(seen) == 1: // CockroachDB says how far its changes are complete
		return SkipHeartbeat
	case seen["ts_ms"] && onlyClocks(seen):
		return SkipHeartbeat
	}
	return ""
}

func onlyClocks(seen map[string]bool) bool {
	for name := range seen {
		if name != "ts_ms" && name != "ts_us" && name != "ts_ns" {
			return false
		}
	}
	return true
}
