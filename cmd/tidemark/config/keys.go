package config

// section is a mapping of the file with the keys that it knows.
type section struct {
	path string // as documentation writes it; a list's element ends in []
	keys []string
}

// sections are all mappings of the file. What is not here is unknown.
func sections() []section {
	return []section{
		{"", []string{"kafka", "data_dir", "roles", "http", "log", "limits", "check", "include", "tables", "endpoints"}},
		{"kafka", []string{"brokers", "embedded", "tls", "sasl", "schema_registry", "topic_prefix", "replication_factor"}},
		{"kafka.tls", []string{"enabled", "ca_file", "cert_file", "key_file", "server_name"}},
		{"kafka.sasl", []string{"mechanism", "username", "password"}},
		{"kafka.schema_registry", []string{"url", "username", "password"}},
		{"http", []string{"listen", "tls", "auth", "cors_origins"}},
		{"http.tls", []string{"cert_file", "key_file"}},
		{"log", []string{"level", "format"}},
		{"check", []string{"ignore"}},
		{"check.ignore[]", []string{"finding", "table"}},
		{"limits", []string{"memory", "open_files", "row_bytes", "scans", "queue"}},
		{"tables[]", []string{"name", "source", "key", "columns", "columns_from", "document", "sort_key", "where", "batch", "events", "rollups"}},
		{"tables[].source", []string{"topic", "format", "unavailable_placeholder", "missing_columns", "partitioner", "table", "key_from", "key_format", "cells", "row", "delete_when"}},
		{"tables[].columns[]", []string{"name", "type", "path", "items", "encoding", "index", "on_error"}},
		{"tables[].rollups[]", []string{"name", "group_by", "measures"}},
		{"tables[].batch", []string{"schedule", "max_delta", "keep"}},
		{"tables[].batch.keep", []string{"last", "for"}},
	}
}

// keysOf returns the keys of the mapping at a path.
func keysOf(path string) []string {
	for _, s := range sections() {
		if s.path == path {
			return s.keys
		}
	}
	return nil
}

// Keys lists every key that a file can have, such as tables[].source.topic, those
// included that this version only refuses with a reason.
func Keys() []string {
	var out []string
	for _, s := range sections() {
		for _, k := range s.keys {
			if s.path != "" {
				k = s.path + "." + k
			}
			out = append(out, k)
		}
	}
	return out
}
