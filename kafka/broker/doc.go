// Package broker is a Kafka broker inside the process, for tests, for the demo and for
// trying Tidemark out. It is not for production: it has one node, no replication and no
// access control, and its logs only grow.
//
// It is franz-go's kfake with these additions:
//
//   - everything is written to disk and synced before it is acknowledged, so a kill -9
//     loses nothing (Options.Dir);
//   - it never compacts and never deletes by age, because a crash during kfake's compaction
//     loses records;
//   - connections are guarded: a packet that is not a Kafka request, or has an absurd size,
//     closes its connection instead of ending the process (guard.go);
//   - it listens on loopback only.
//
// Tests reach kfake's fault injection through Broker.Faults.
package broker
