// Package column has the forms in which the values of a column lie in memory, and what is made
// of the values alone. It knows nothing of rows, keys, versions or queries.
//
//	Column               the packed, immutable values of a base
//	Chunk                the values of a block of the delta, which grow row by row
//	Form, Wide           what of a value is compared: int64s, pairs of words, or bytes
//	Packed, Arena,
//	Dictionary           int64s, texts, and texts as codes
//	Mask, Bitmap         rows of a block, and of a column
//	Zone, ValueIndex     where in a column a value may be
//	Numbering, HashSet   hash tables of integers
//	Yield                lets others have the core in a long pass
//
// The fields of Column, Packed and Chunk are exported for the loops of filters, groups and
// merges, which run over the words themselves. Whoever has a finished column only reads it.
package column
