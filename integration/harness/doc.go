// Package harness runs Tidemark as its users do: a built binary with a configuration
// file, against a broker. It talks to the binary over HTTP and Kafka only.
//
//	Cluster   the broker: embedded, or the one that TIDEMARK_KAFKA names
//	Producer  writes events, with the partitions that a Java producer chooses
//	Process   the binary: start, kill, stop, pause
//	Client    reads rows, batches and problems over HTTP
package harness
