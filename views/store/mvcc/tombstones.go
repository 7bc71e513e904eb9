package mvcc

import (
	"math/bits"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/store/column"
)

// tombstoneBlock says at which version each row of a block was superseded.
type tombstoneBlock struct {
	dead [column.BlockWords]atomic.Uint64 // the rows that were at all
	at   [column.BlockRows]uint32         // atomic: since which version; 0 where dead is not set
}

// kill marks a row as dead from version at on. The writer's.
func (g *tombstoneBlock) kill(i int, at uint32) {
	atomic.StoreUint32(&g.at[i], at)
	g.dead[i>>6].Or(1 << (i & 63))
}

// remove takes the rows that are dead at a version out of m.
func (g *tombstoneBlock) remove(at uint32, m *column.Mask) {
	for w := range m {
		for word := g.dead[w].Load() & m[w]; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			if atomic.LoadUint32(&g.at[i]) <= at {
				m[w] &^= word & -word
			}
		}
	}
}

// Tombstones holds the tombstone blocks of a base, which come to be with their first dead row.
type Tombstones struct {
	blocks []atomic.Pointer[tombstoneBlock]
	Bytes  atomic.Int64
}

// NewTombstones returns those of a base of so many rows, all of which live.
func NewTombstones(rows int) *Tombstones {
	return &Tombstones{blocks: make([]atomic.Pointer[tombstoneBlock], column.BlocksFor(rows))}
}

func (g *Tombstones) kill(row int, at uint32) {
	p := &g.blocks[row>>column.BlockBits]
	b := p.Load()
	if b == nil {
		b = new(tombstoneBlock)
		p.Store(b)
		g.Bytes.Add(4*column.BlockRows + column.BlockRows/8)
	}
	b.kill(row&(column.BlockRows-1), at)
}

// Dead reports whether a row is dead at a version.
func (g *Tombstones) Dead(row int, at uint32) bool {
	b := g.blocks[row>>column.BlockBits].Load()
	i := row & (column.BlockRows - 1)
	return b != nil && b.dead[i>>6].Load()>>(i&63)&1 != 0 && atomic.LoadUint32(&b.at[i]) <= at
}

func (g *Tombstones) remove(block int, at uint32, m *column.Mask) {
	if b := g.blocks[block].Load(); b != nil {
		b.remove(at, m)
	}
}

// Touch reads whether the rows were superseded at all.
//
//go:noinline
func (g *Tombstones) Touch(rows []uint32) (sum uint64) {
	for _, row := range rows {
		if b := g.blocks[row>>column.BlockBits].Load(); b != nil {
			sum += b.dead[row>>6%column.BlockWords].Load()
		}
	}
	return sum
}
