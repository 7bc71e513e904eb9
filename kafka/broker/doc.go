// Package broker is a Kafka broker inside the process: for tests, for the demo
// and for trying things out. It is not for production: one node, no replication,
// no access control, and its logs only grow.
//
// It is franz-go's kfake with what was found missing in it put right:
//
//   - everything is on disk and synced before it is acknowledged, so a kill -9
//     loses nothing (Options.Dir);
//   - it never compacts nor trims by age: a crash in the middle of a compaction
//     loses records;
//   - connections are guarded: a packet that is no Kafka request, or of an absurd
//     size, closes its connection instead of ending the process (guard.go);
//   - it listens on loopback only.
//
// Tests reach its fault injection through Broker.Faults.
package broker
