package stream

import (
	"bytes"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// followWait is how long a broker keeps a request that finds nothing, in milliseconds, and briefWait is the same
	// while partitions are on their way into the session.
	followWait = 250
	briefWait  = 5
	// followBytes is what one request returns at most, and entryBytes what it returns of one partition: with more
	// to read it is behind.
	followBytes = 2 << 20
	entryBytes  = 256 << 10
	// pinnedBytes is the size from which on an answer is not kept in memory for one of its partitions.
	pinnedBytes = 64 << 10
)

// follow reads the partitions that are at their ends, until the reader is closed.
func (b *broker) follow() {
	r := b.reader
	for {
		a := b.nextRequest()
		if a == nil {
			select {
			case <-r.ctx.Done():
				return
			case <-b.settled:
			}
			continue
		}
		resp, err := b.fetch(r.ctx, r.following, a.req)
		if r.ctx.Err() != nil {
			return
		}
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err != nil {
			b.lostSession(err)
			continue
		}
		b.deliverFollowed(b.takeFollowed(resp))
	}
}

// nextRequest takes over the partitions that have been read to their ends, and makes a request for what has
// changed; nil when nothing is followed.
func (b *broker) nextRequest() *asking {
	b.reader.mu.Lock()
	defer b.reader.mu.Unlock()
	kept := b.waiting[:0]
	for _, p := range b.waiting {
		if p.ended || p.settled && !p.paused && b.session.join(p) {
			continue
		}
		kept = append(kept, p)
	}
	clear(b.waiting[len(kept):])
	b.waiting = kept
	wait := b.onTheWay()
	if len(b.session.entries) == 0 {
		b.session.reset()
		return nil
	}
	return b.session.request(wait, followBytes, entryBytes)
}

// onTheWay has partitions that are at their ends, and in a request of what is behind, taken over a moment later.
func (b *broker) onTheWay() (wait int32) {
	if was := b.adopt; was {
		signal(b.behind)
	}
	b.adopt = b.polled > 0
	if b.adopt {
		return briefWait
	}
	return followWait
}

// lostSession deals with a request of the session that failed as a whole.
func (b *broker) lostSession(err error) {
	b.reader.mu.Lock()
	defer b.reader.mu.Unlock()
	b.session.reset()
	if sessionOver(err) {
		return
	}
	for _, e := range b.session.entries {
		b.release(e, func(p *partition) { p.missed(err) })
	}
}

// release takes a partition out of the session.
func (b *broker) release(e *entry, then func(*partition)) {
	b.session.remove(e)
	for _, p := range e.of {
		p.place = resting
		then(p)
	}
	e.of = nil
}

// fetched is what was returned of an entry.
type fetched struct {
	entry *entry
	from  int64
	got   *kmsg.FetchResponseTopicPartition
	chunk *chunk // of got, decoded
	err   error
}

// undecoded is a chunk of the same records, for somebody else.
func (f *fetched) undecoded() *chunk {
	got := *f.got
	got.RecordBatches = bytes.Clone(got.RecordBatches)
	return &chunk{got: &got, stable: stable(&got)}
}

// takeFollowed returns the entries of an answer that have records.
func (b *broker) takeFollowed(resp *kmsg.FetchResponse) (out []*fetched) {
	b.reader.mu.Lock()
	defer b.reader.mu.Unlock()
	s := &b.session
	s.answered(resp)
	size := 0
	each(resp, s.names, func(at spot, got *kmsg.FetchResponseTopicPartition) {
		e := s.known[at]
		if e == nil || s.entries[at] != e {
			return // it was released meanwhile
		}
		if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
			b.release(e, func(p *partition) { p.refused(err) })
			return
		}
		for _, p := range e.of {
			p.tries = 0
			p.high.Store(got.HighWatermark)
		}
		if len(got.RecordBatches) > 0 {
			size += len(got.RecordBatches)
			out = append(out, &fetched{entry: e, from: e.next, got: got})
		} else if stable(got) > max(e.next, e.hollow) {
			b.release(e, func(p *partition) {
				p.settled = false
				p.wait()
			})
		}
	})
	for _, f := range out {
		if size > pinnedBytes && len(out) > 1 {
			f.got.RecordBatches = bytes.Clone(f.got.RecordBatches)
		}
	}
	return out
}

// deliverFollowed decodes what was fetched, and hands it on.
func (b *broker) deliverFollowed(all []*fetched) {
	for _, f := range all {
		f.chunk = &chunk{got: f.got, stable: stable(f.got)}
		f.err = f.chunk.decode(f.entry.spot.topic, f.from)
	}
	b.reader.mu.Lock()
	defer b.reader.mu.Unlock()
	for _, f := range all {
		if b.session.entries[f.entry.spot] == f.entry {
			b.handOn(f)
		}
	}
}

// handOn gives the messages to all who follow an entry.
func (b *broker) handOn(f *fetched) {
	e := f.entry
	if f.err != nil || f.chunk.next < f.chunk.stable { // there is more to read, or to be tried again: each goes on by itself
		decoded := f.chunk
		b.release(e, func(p *partition) {
			if f.err != nil || decoded == nil {
				p.begin(f.undecoded())
				return
			}
			p.begin(decoded)
			decoded = nil // the others make their own
		})
		return
	}
	e.next = f.chunk.next
	b.session.changed = append(b.session.changed, e)
	for i := len(e.of) - 1; i >= 0; i-- {
		p, c := e.of[i], f.chunk
		if i > 0 {
			c = f.undecoded()
			_ = c.decode(p.topic, f.from) // as it was decoded before
		}
		p.next = c.next
		if !p.offer(c) {
			b.session.leave(p)
			p.begin(c)
		}
	}
}
