// Package avro converts Avro records to the JSON that Kafka Connect's JSON converter writes
// for them. It also reads from the schema what the values mean. Package datum reads the
// data, package registry gets the schemas.
package avro
