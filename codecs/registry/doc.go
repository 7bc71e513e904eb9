// Package registry asks a schema registry with Confluent's API for the schemas of
// Avro records, and keeps them.
//
// What goes wrong is of two kinds. The registry may be away: it does not answer, it
// refuses who asks, it fails. That says nothing of a record, so the error wraps
// codecs.ErrUnavailable. Or it says that there is no such schema, or the schema
// cannot be read: then the record cannot be decoded, and is asked for again, after a
// few seconds, only when somebody tries the record again.
//
// Metrics: tidemark_registry_up, tidemark_registry_schemas, and
// tidemark_registry_requests_total by outcome.
package registry
