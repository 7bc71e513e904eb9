// Package avro makes of an Avro record what Kafka Connect's JSON converter would have
// made of it, and asks its schema what the values mean. Data are read by package datum,
// schemas come from package registry.
package avro
