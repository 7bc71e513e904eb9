// Package registry gets the schemas of Avro records from a schema registry with
// Confluent's API, and caches them.
//
// There are two kinds of errors. The registry may be unavailable: it does not answer, it
// refuses the credentials, it fails. That says nothing about a record, so the error wraps
// codecs.ErrUnavailable. Or the registry answers that there is no such schema, or the
// schema is invalid. Then the record cannot be decoded. The schema is requested again
// only when a record with its ID is decoded again, and after a few seconds at the earliest.
//
// Metrics: tidemark_registry_up, tidemark_registry_schemas, and
// tidemark_registry_requests_total by outcome.
package registry
