// Package oracle throws dice for what a connector writes of a database's table: changes of
// a few hot keys, keys whose bytes change and so their partition, other servers after a
// failover, transactions that are committed, aborted or left open, large rows, rows of other
// columns, and tables that are read anew. It also says what must become of it.
//
// The oracle shares no code with the product. It knows what each event was made of, and
// follows docs/architecture.md: within a partition of the source the offset decides; between
// partitions the database's position within an epoch, else the source's clock, else Kafka's.
//
// Clocks are those of a real installation: a server that takes over goes on at a later
// second, also where the clock tells no more than seconds. What none of these settles is not
// among the dice.
package oracle
