package duplicates

// KeySet is a set of hashes that may say yes to one that is not in it, rarely, and never
// no to one that is: a Bloom filter that grows. It takes about two bytes a key.
type KeySet struct {
	layers []keyLayer
}

type keyLayer struct {
	bits []uint64
	room int // how many keys it still takes
}

const (
	keyBits  = 12 // of a layer for each of its keys
	keyProbe = 5  // bits of a key
	firstSet = 1 << 12
)

func newKeySet() *KeySet { return &KeySet{} }

// Add puts a hash into the set.
func (s *KeySet) Add(hash uint64) {
	if s.Has(hash) {
		return
	}
	n := len(s.layers)
	if n == 0 || s.layers[n-1].room == 0 {
		room := firstSet << min(n, 12)
		s.layers = append(s.layers, keyLayer{bits: make([]uint64, room*keyBits/64), room: room})
		n++
	}
	l := &s.layers[n-1]
	l.room--
	l.probe(hash, func(word *uint64, bit uint64) bool {
		*word |= bit
		return true
	})
}

// Has reports whether a hash may be in the set.
func (s *KeySet) Has(hash uint64) bool {
	for i := range s.layers {
		if s.layers[i].probe(hash, func(word *uint64, bit uint64) bool { return *word&bit != 0 }) {
			return true
		}
	}
	return false
}

func (l *keyLayer) probe(hash uint64, visit func(word *uint64, bit uint64) bool) bool {
	step := hash>>32 | 1
	for range keyProbe {
		at := hash % uint64(len(l.bits)*64)
		if !visit(&l.bits[at/64], 1<<(at%64)) {
			return false
		}
		hash += step
	}
	return true
}
