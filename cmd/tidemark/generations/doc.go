// Package generations keeps account of a table's generations in Kafka, so that all
// processes agree which one is read, which one is being built beside it, and what that
// one is filled from.
//
//	Log      the table's generations topic: follows it, and proposes what comes next
//	State    what the topic says at present
//	Ask, Replay, Promote, GiveUp, Forget
//	         the steps: pure functions from one record to the next
//
// There are no transactions. A process that wants a step writes a record with the next
// number; of the records with one number the first by offset counts, for everybody
// alike. Each writer has a key of its own, so that compaction removes none that counts;
// the winner of a number removes the keys of those long before.
package generations
