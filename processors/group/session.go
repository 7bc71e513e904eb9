package group

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/tidemark/tidemark/processors/lease"
)

// session is one membership in the group, for as long as the coordinator knows its id, with the producer that writes for it.
type session struct {
	id       string
	instance uint8 // distinguishes writers in the stamps
	lease    *lease.Lease
	producer *lease.Producer

	generation atomic.Int32
	joining    atomic.Bool   // a round is under way: its end brings what heartbeats would tell
	rebalance  chan struct{} // the group shares out anew; for one

	lost  context.Context // ends, with a cause, when the coordinator does not know the member any more
	lose  context.CancelCauseFunc
	stop  context.CancelFunc // of the heartbeats
	beats sync.WaitGroup
}

// begin opens what a session needs, and sends its heartbeats from then on.
func begin(o *Options, c *coordinator, id string, j joined) (*session, error) {
	l := lease.New(o.leaseFor())
	l.Renew(j.synced)
	p, err := lease.Open(o.Kafka, l, o.Linger)
	if err != nil {
		return nil, err
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	s := &session{id: id, instance: uint8(h.Sum32()), lease: l, producer: p, rebalance: make(chan struct{}, 1)}
	s.generation.Store(j.generation)
	s.lost, s.lose = context.WithCancelCause(context.Background())
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.beats.Go(func() { s.keep(ctx, c, o.beatEvery()) })
	// Whatever is still buffered must not be written once others may own the partitions.
	context.AfterFunc(s.lost, func() {
		l.Lose()
		p.Close()
	})
	return s, nil
}

// keep sends heartbeats. One that is answered with the member's being known renews the lease from when it was sent.
func (s *session) keep(ctx context.Context, c *coordinator, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		sent, generation, joining := time.Now(), s.generation.Load(), s.joining.Load()
		switch err := c.beat(ctx, s.id, generation); {
		case err == nil:
			s.lease.Renew(sent)
		case errors.Is(err, kerr.RebalanceInProgress):
			s.lease.Renew(sent)
			s.ask(joining)
		case errors.Is(err, kerr.IllegalGeneration):
			// The coordinator checks the id first. A new generation may have begun between reading ours and the answer.
			s.lease.Renew(sent)
			s.ask(joining || s.generation.Load() != generation)
		case errors.Is(err, kerr.UnknownMemberID), errors.Is(err, kerr.FencedInstanceID):
			s.lose(err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// ask makes the member join again, unless it does.
func (s *session) ask(joining bool) {
	if joining || s.joining.Load() {
		return
	}
	wake(s.rebalance)
}

// holds reports whether what is done under the session counts: no other member may own its partitions.
func (s *session) holds() bool { return s.lost.Err() == nil && s.lease.Valid() }

// end ends the heartbeats, and fails what is still buffered.
func (s *session) end() {
	s.stop()
	s.beats.Wait()
	s.producer.Close()
}
