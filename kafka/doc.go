// Package kafka holds what both sides of Tidemark know about Kafka: how to connect, how
// the topics of a table are named, how topics must be configured, and how a producer
// chose the partition of a key.
//
//	Settings        one description of the connection; Sarama and Franz derive the
//	                settings of the two client libraries from it, safe by default
//	Names           the topics and the consumer group of a table
//	Ensure          creates a table's topics, or checks the ones that exist
//	Inspect         reports what is wrong with a table's topics, with a remedy each
//	PartitionOf     returns the partition of a key under a declared partitioner
//
// File map: settings.go, tls.go and credentials.go are the connection; sarama.go,
// scram.go and franz.go each use one library; names.go, layout.go, ensure.go and
// inspect.go are the topics; offsets.go asks for their end offsets.
package kafka
