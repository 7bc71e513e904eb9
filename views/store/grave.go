package store

import (
	"math/bits"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/store/column"
)

// graveBlock says at which version each row of a block was superseded.
type graveBlock struct {
	dead [column.BlockWords]atomic.Uint64 // the rows that were at all
	at   [column.BlockRows]uint32         // atomic: since which version; 0 where dead is not set
}

// kill marks a row as dead from version at on. The writer's.
func (g *graveBlock) kill(i int, at uint32) {
	atomic.StoreUint32(&g.at[i], at)
	g.dead[i>>6].Or(1 << (i & 63))
}

// remove takes the rows that are dead at a version out of m.
func (g *graveBlock) remove(at uint32, m *column.Mask) {
	for w := range m {
		for word := g.dead[w].Load() & m[w]; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			if atomic.LoadUint32(&g.at[i]) <= at {
				m[w] &^= word & -word
			}
		}
	}
}

// grave holds the grave blocks of a base, which come to be with their first dead row.
type grave struct {
	blocks []atomic.Pointer[graveBlock]
	bytes  atomic.Int64
}

func newGrave(rows int) *grave {
	return &grave{blocks: make([]atomic.Pointer[graveBlock], column.BlocksFor(rows))}
}

func (g *grave) kill(row int, at uint32) {
	p := &g.blocks[row>>column.BlockBits]
	b := p.Load()
	if b == nil {
		b = new(graveBlock)
		p.Store(b)
		g.bytes.Add(4*column.BlockRows + column.BlockRows/8)
	}
	b.kill(row&(column.BlockRows-1), at)
}

// dead reports whether a row is dead at a version.
func (g *grave) dead(row int, at uint32) bool {
	b := g.blocks[row>>column.BlockBits].Load()
	i := row & (column.BlockRows - 1)
	return b != nil && b.dead[i>>6].Load()>>(i&63)&1 != 0 && atomic.LoadUint32(&b.at[i]) <= at
}

func (g *grave) remove(block int, at uint32, m *column.Mask) {
	if b := g.blocks[block].Load(); b != nil {
		b.remove(at, m)
	}
}
