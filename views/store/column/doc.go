// Package column has the forms of a column's values in memory, and operations on the values
// alone. It knows nothing of rows, keys, versions or queries.
//
//	Column               the packed, immutable values of a base
//	Chunk                the values of a block of the delta, which grow row by row
//	Form, Wide           what of a value is compared: int64s, pairs of words, or bytes
//	Packed, Arena,
//	Dictionary           int64s, texts, and texts as codes
//	Mask, Bitmap         rows of a block, and of a column
//	Zone, ValueIndex     where in a column a value may be
//	Numbering, HashSet   hash tables of integers
//	Yield                gives up the core in a long loop
//
// The fields of Column, Packed and Chunk are exported for the loops of filters, groups and
// merges, which run over the words themselves. Code that has a finished column only reads it.
package column
