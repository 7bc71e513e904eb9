// Package harness runs Tidemark as its users do, a built binary with a
// configuration file, against a broker, and talks to it over HTTP and Kafka only.
//
//	Cluster   the broker: embedded, or the one that TIDEMARK_KAFKA names
//	Producer  events in, placed as a Java producer places them
//	Process   the binary: start, kill, stop, pause
//	Client    rows, batches and problems over HTTP
package harness
