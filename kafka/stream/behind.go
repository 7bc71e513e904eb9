package stream

import (
	"bytes"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// partitionsAtOnce is how many partitions that are behind one request is for.
	partitionsAtOnce = 64
	// behindBytes is what one request returns at most; a partition may still get a larger batch.
	behindBytes = 8 << 20
	// settledWait is how long a request waits at the broker, in milliseconds, where all of its partitions are
	// read to their ends: until the session takes them over, or another partition is behind.
	settledWait = 20
)

// readBehind fetches partitions that are not followed, until the reader is closed.
func (b *broker) readBehind() {
	for {
		ask, wait := b.pick()
		if len(ask) == 0 {
			select {
			case <-b.reader.ctx.Done():
				return
			case <-b.behind:
			}
			continue
		}
		b.fetchBehind(ask, wait)
	}
}

// pick takes the partitions of the next request.
func (b *broker) pick() (ask []*partition, wait int32) {
	b.reader.mu.Lock()
	defer b.reader.mu.Unlock()
	wait = settledWait
	taken := map[spot]bool{}
	kept := b.waiting[:0]
	for _, p := range b.waiting {
		switch {
		case p.ended:
		case p.paused, len(ask) == partitionsAtOnce, taken[p.spot()], p.settled && b.adopt:
			kept = append(kept, p)
		default:
			taken[p.spot()], p.place = true, asked
			ask = append(ask, p)
			if p.settled {
				b.polled++
			} else {
				wait = 0
			}
		}
	}
	clear(b.waiting[len(kept):])
	b.waiting = kept
	return ask, wait
}

// fetchBehind asks for partitions, and has delivered what is returned.
func (b *broker) fetchBehind(ask []*partition, wait int32) {
	r := b.reader
	req := newFetch(wait, behindBytes)
	req.SessionEpoch = -1
	a := newAsking(req)
	of := make(map[spot]*partition, len(ask))
	r.mu.Lock()
	most := r.fetchBytes()
	for _, p := range ask {
		a.add(p.spot(), p.id, p.next, most)
		a.names[p.id] = p.topic
		of[p.spot()] = p
	}
	r.mu.Unlock()
	resp, err := b.fetch(r.ctx, r.fetching, req)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b.polled = 0
	if err == nil {
		err = errNoLeader // of what the broker leaves out
		b.takeBehind(resp, a, of)
	}
	for _, p := range of {
		p.missed(err)
	}
}

// takeBehind takes what a request has returned, and removes it from what was asked for.
func (b *broker) takeBehind(resp *kmsg.FetchResponse, a *asking, of map[spot]*partition) {
	first := spot{a.req.Topics[0].Topic, a.req.Topics[0].Partitions[0].Partition}
	full := 0
	each(resp, a.names, func(_ spot, got *kmsg.FetchResponseTopicPartition) {
		if len(got.RecordBatches) > 0 {
			full++
		}
	})
	var unserved []*partition
	each(resp, a.names, func(at spot, got *kmsg.FetchResponseTopicPartition) {
		p := of[at]
		if p == nil {
			return
		}
		delete(of, at)
		if full > 1 { // what one partition has must not keep what others have from being freed
			got.RecordBatches = bytes.Clone(got.RecordBatches)
		}
		if p.takeBehind(got, at == first) {
			unserved = append(unserved, p)
		}
	})
	if len(unserved) > 0 { // it was not their turn: a batch may be larger than what was left
		b.waiting = append(unserved, b.waiting...)
		b.wake()
	}
}

// takeBehind takes what was fetched of the partition. It reports whether there is more to fetch that was not returned.
func (p *partition) takeBehind(got *kmsg.FetchResponseTopicPartition, first bool) (unserved bool) {
	if p.ended {
		return false
	}
	if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
		p.refused(err)
		return false
	}
	p.tries = 0
	p.high.Store(got.HighWatermark)
	if len(got.RecordBatches) > 0 {
		p.begin(&chunk{got: got, stable: stable(got)})
		return false
	}
	if stable(got) > p.next && first {
		p.hollow = stable(got) // compaction has left nothing here
	}
	if stable(got) > max(p.next, p.hollow) {
		p.place = waiting
		return true
	}
	p.settled = true
	p.wait()
	return false
}

// stable is the offset up to which the partition's transactions have ended.
func stable(got *kmsg.FetchResponseTopicPartition) int64 {
	if got.LastStableOffset < 0 { // a broker without transactions
		return got.HighWatermark
	}
	return got.LastStableOffset
}
