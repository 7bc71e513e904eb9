package store

import "unsafe"

// hugePage is the size of a large page of memory, in bytes, where a processor has such.
const hugePage = 2 << 20

// room returns n zeroes for an array of a base. A large array is asked to lie on huge
// pages: a row is gathered from a place in each column, and with pages of 4 KiB the
// processor has to look up the address of almost every one of them in memory first.
func room[T any](n int) []T {
	s := make([]T, n)
	size := uintptr(n) * unsafe.Sizeof(*new(T))
	if pages := hugePages(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), size)); pages != nil {
		preferHuge(pages)
	}
	return s
}

// hugePages returns the part of b that whole huge pages cover; nil when it is small.
func hugePages(b []byte) []byte {
	if len(b) < 2*hugePage {
		return nil
	}
	from := int(-uintptr(unsafe.Pointer(&b[0])) % hugePage)
	to := len(b) - (len(b)-from)%hugePage
	return b[from:to]
}
