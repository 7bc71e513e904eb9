// Package oracle generates, at random, what a connector writes of a database's table:
// changes of a few hot keys; keys whose bytes change, and with them their partition; other
// servers after a failover; transactions that are committed, aborted or left open; large
// rows; rows of other columns; and tables that are snapshotted again. It also says what the
// resulting rows must be.
//
// The oracle shares no code with the product. It knows what each event was made of, and
// follows docs/architecture.md: within a partition of the source the offset decides; between
// partitions the database's position within an epoch, else the source's clock, else Kafka's.
//
// Clocks are those of a real installation: a server that takes over continues at a later
// second, also where the clock has whole seconds only. Cases that none of these rules
// decides are not generated.
package oracle
