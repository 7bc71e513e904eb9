// Package redelivery has records of the source read once more, out of their order: an insert whose missing values have
// come, a dead letter that is to be tried again.
//
//	Record       a record that was read once more, and how it is folded
//	Redelivery   those of a run that are on their way
//
//	read in the background -> Bring -> the feeder, which owns the decoder (Loaded) -> the goroutine that folds (Register)
//
// A record is folded under its own source offset, like all others, so what is newer wins. Each says itself how it is folded, and whether
// somebody asks for it again where it cannot be decoded now: the package does not know what it is for. It imports the intake, the
// entries of package pending, and the bus's events.
package redelivery
