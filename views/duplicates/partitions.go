package duplicates

// Partitions are the partitions that keys were seen in, the last of each. Two keys in a great
// many count as one: who is notified of another partition looks at what is there.
type Partitions struct {
	slots []uint64 // 44 bits of the hash, 20 of the partition; 0 is free
	used  int
}

const placeBits = 20

// Has reports whether a key was seen.
func (p *Partitions) Has(hash uint64) bool {
	return len(p.slots) > 0 && p.slots[p.find((hash|1<<63)>>placeBits<<placeBits)] != 0
}

// Put notes where a key is, and returns where it was before.
func (p *Partitions) Put(hash uint64, partition int32) (before int32, there bool) {
	if 3*p.used >= 2*len(p.slots) {
		p.grow()
	}
	entry := (hash|1<<63)>>placeBits<<placeBits | uint64(partition)
	at := p.find(entry)
	if old := p.slots[at]; old != 0 {
		before, there = int32(old&(1<<placeBits-1)), true
	} else {
		p.used++
	}
	p.slots[at] = entry
	return before, there
}

// find returns the slot of an entry's key, or the free one for it.
func (p *Partitions) find(entry uint64) int {
	at := int((entry >> placeBits) * 0x9e3779b97f4a7c15 % uint64(len(p.slots)))
	for p.slots[at] != 0 && p.slots[at]>>placeBits != entry>>placeBits {
		if at++; at == len(p.slots) {
			at = 0
		}
	}
	return at
}

func (p *Partitions) grow() {
	old := p.slots
	p.slots = make([]uint64, max(1<<12, 2*len(old)))
	for _, entry := range old {
		if entry != 0 {
			p.slots[p.find(entry)] = entry
		}
	}
}
