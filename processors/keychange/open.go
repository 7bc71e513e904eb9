package keychange

import (
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// pair is an old key and the one that it became.
type pair struct{ old, new tables.Key }

// request is what another partition has asked for and has had no answer to.
type request struct {
	wire.Control
	closed bool
	asked  time.Time // by this process's clock
}

func (q *request) kept(declined bool) *state.ImageRequest {
	return &state.ImageRequest{
		Old: string(q.OldKey), New: string(q.NewKey), Partition: q.Partition, Offset: q.Offset,
		At: q.Started, Declined: declined, Value: wire.AppendControl(nil, q.Control),
	}
}

// MaxOpen bounds the memory for open requests: a partition that asks waits, so there are few. Beyond
// it they are declined at once.
const MaxOpen = 10_000

func (a *Answerer) leaveOpen(q *request) {
	k := pair{q.OldKey, q.NewKey}
	a.open[k] = append(a.open[k], q)
	a.count++
}

// close takes a request from the open ones.
func (a *Answerer) close(q *request) {
	q.closed = true
	k := pair{q.OldKey, q.NewKey}
	left := a.open[k][:0]
	for _, o := range a.open[k] {
		if o != q {
			left = append(left, o)
			continue
		}
		a.count--
	}
	if a.open[k] = left; len(left) == 0 {
		delete(a.open, k)
	}
}
