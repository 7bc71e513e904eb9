// Package torture checks a running table against its own history. It writes random events,
// runs readers of every kind, and injects faults, on a real Kafka or the embedded broker.
// Afterwards it reads the source topic back, and compares each answer that any reader got
// with the fold of the topic at the position that the answer names. A comparison at the end
// alone would miss an answer that was wrong for a moment.
//
// The fold here shares no code with the product.
//
// With partitioner any, the source's partitions say nothing about keys. The position of an
// answer is then a lower bound: the answer may show more. There, rows and lists must be those
// of one instant of the repartitioned topic, at this position or later. A stream's ids name
// the exact instant.
//
//	make torture                        60 rounds on a real Kafka
//	make torture ROUNDS=5               5 rounds; make test-real plays 3
//	TIDEMARK_TORTURE_SEED=17            the seed of the first round, random by default; later rounds count up
//	TIDEMARK_TORTURE_ROUNDS=5           rounds for go test, 0 by default; on the embedded broker unless TIDEMARK_REAL is set
package torture
