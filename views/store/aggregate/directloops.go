package aggregate

import "github.com/tidemark/tidemark/views/store/column"

// counterWords are counters of values from 0 on: a sum in the low bits, the count above.
// Where values are fewest, four counters of each take turns, because an addition waits
// for the one before it to the same word.
type counterWords [maxDirect]uint64

const (
	maxDirect   = 4 << 10
	turnValues  = 64            // at most so many values take turns
	countBit    = 44            // the bit of the count: 4,096 values of 32 bits stay below it
	oneRow      = 1 << countBit // a row's part of a word
	flushBlocks = 4             // blocks, of which the words hold the sums
	maxLow      = 1 << 50       // so many times as rows are flushed, it is an int64
)

// addAll adds the values of one group.
func addAll(words *counterWords, values *column.Packed, block int) {
	from, to := block<<column.BlockBits, (block+1)<<column.BlockBits
	sum := uint64(column.BlockRows) * oneRow
	if values != nil {
		switch {
		case values.W8 != nil:
			sum += sumOf(values.W8[from:to])
		case values.W16 != nil:
			sum += sumOf(values.W16[from:to])
		case values.W24 != nil:
			var wide [column.BlockRows]uint32
			sum += sumOf(values.W24.Block(block, &wide))
		case values.W32 != nil:
			sum += sumOf(values.W32[from:to])
		}
	}
	words[0] += sum
}

func sumOf[T column.Unsigned](values []T) (sum uint64) {
	for _, v := range values {
		sum += uint64(v)
	}
	return sum
}

func addCoded[C uint8 | uint16](words *counterWords, codes []C, values *column.Packed, block int, turns bool) {
	from, to := block<<column.BlockBits, (block+1)<<column.BlockBits
	switch {
	case values == nil || values.Span == 0:
		addCounts(words, codes)
	case values.W8 != nil:
		addValues(words, codes, values.W8[from:to], turns)
	case values.W16 != nil:
		addValues(words, codes, values.W16[from:to], turns)
	case values.W24 != nil:
		addValues24(words, codes, values.W24.Bytes(block), turns)
	case values.W32 != nil:
		addValues(words, codes, values.W32[from:to], turns)
	}
}

func addCounts[C uint8 | uint16](words *counterWords, codes []C) {
	for _, c := range codes {
		words[int(c)%maxDirect] += oneRow
	}
}

func addValues[C uint8 | uint16, V column.Unsigned](words *counterWords, codes []C, values []V, turns bool) {
	codes, values = codes[:column.BlockRows], values[:column.BlockRows]
	if !turns {
		for i, c := range codes {
			words[int(c)%maxDirect] += uint64(values[i]) | oneRow
		}
		return
	}
	for i := 0; i < column.BlockRows; i += 4 {
		c, v := codes[i:i+4:i+4], values[i:i+4:i+4]
		words[c[0]%turnValues] += uint64(v[0]) | oneRow
		words[int(c[1]%turnValues)+turnValues] += uint64(v[1]) | oneRow
		words[int(c[2]%turnValues)+2*turnValues] += uint64(v[2]) | oneRow
		words[int(c[3]%turnValues)+3*turnValues] += uint64(v[3]) | oneRow
	}
}

// addValues24 is addValues for integers of three bytes.
func addValues24[C uint8 | uint16](words *counterWords, codes []C, values *column.Block24, turns bool) {
	codes = codes[:column.BlockRows]
	for i := 0; i < column.BlockRows; i += 8 {
		c, v := codes[i:i+8:i+8], (*column.Eight24)(values[3*i:])
		if !turns {
			for k := range c {
				words[int(c[k])%maxDirect] += uint64(v.At(k)) | oneRow
			}
			continue
		}
		for k := 0; k < 8; k += 4 {
			words[c[k]%turnValues] += uint64(v.At(k)) | oneRow
			words[int(c[k+1]%turnValues)+turnValues] += uint64(v.At(k+1)) | oneRow
			words[int(c[k+2]%turnValues)+2*turnValues] += uint64(v.At(k+2)) | oneRow
			words[int(c[k+3]%turnValues)+3*turnValues] += uint64(v.At(k+3)) | oneRow
		}
	}
}
