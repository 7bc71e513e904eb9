// Package torture tries a running table against its own history: random events, readers of every kind, and
// faults, on a real Kafka or the embedded broker. Afterwards the source topic is read back, and each single
// answer that anybody got is compared with the fold of the topic at the very position that the answer names.
// A comparison at the end alone would miss what was wrong for a moment.
//
// The fold here shares no code with the product.
//
// Where the source's partitions tell nothing of keys (partitioner any), the position of an answer is surely reached
// and more may be seen: there rows and lists have to be those of one instant, of the topic into which records are
// copied by keys, that has at least this position. A stream's ids name the very instant.
//
//	make torture                        60 rounds on a real Kafka
//	make torture ROUNDS=5               so many; make test-real plays 3
//	TIDEMARK_TORTURE_SEED=17            the first round's, a random one without; the others follow
//	TIDEMARK_TORTURE_ROUNDS=5           rounds of go test, which plays none without; on the embedded broker unless TIDEMARK_REAL is set
package torture
