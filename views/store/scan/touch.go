package scan

// Rows here and there in a large base are not in the processor's caches, and a loop that does
// much with each row waits for them one after the other. Touching the values first, in a loop
// that does nothing else, lets it wait for many of them at once.

// TouchRows is how many rows are touched at a time: their lines of several columns stay in
// the second cache.
const TouchRows = 256

// TouchBase is how many rows a base has at least for touching to pay.
const TouchBase = 1 << 16
