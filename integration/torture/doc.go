// Package torture tries a running table against its own history: random events, readers of every kind, and
// faults, on a real Kafka or the embedded broker. Afterwards the source topic is read back, and each single
// answer that anybody got is compared with the fold of the topic at the very position that the answer names.
// A comparison at the end alone would miss what was wrong for a moment.
//
// The fold here shares no code with the product.
//
//	make torture                        60 rounds on a real Kafka
//	TIDEMARK_TORTURE_ROUNDS=5           so many
//	TIDEMARK_TORTURE_SEED=17            the first round's; the others follow
package torture
