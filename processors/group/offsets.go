package group

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

const (
	// CommitEvery bounds what is read again after a kill, where few tables move.
	CommitEvery = 500 * time.Millisecond
	// commitPause is between the commits of different tables, so that many of them do not cost more than few.
	commitPause = 20 * time.Millisecond
	// renewEvery is how often an offset is committed again that does not move: brokers drop those of a group without
	// members some days after they were committed.
	renewEvery = time.Hour
)

// offsets are those of a table's partitions that this process owns, as they are to be committed and as they are.
type offsets struct {
	mu    sync.Mutex
	parts map[int32]*offset
	moved chan struct{} // something is to be committed; for one

	sending sync.Mutex // one commit at a time, so that an older one does not come last
}

type offset struct {
	owner *session
	next  int64 // what is done is before it
	done  int64 // as committed; negative where that is not known
	at    time.Time
}

func newOffsets() *offsets {
	return &offsets{parts: map[int32]*offset{}, moved: make(chan struct{}, 1)}
}

// mark notes how far a partition is. What a former owner has to say of it does not count.
func (o *offsets) mark(a *Assignment, next int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p := o.parts[a.Partition]; p == nil || p.owner != a.session {
		o.parts[a.Partition] = &offset{owner: a.session, next: next, done: -1}
	} else {
		p.next = next
	}
	o.tell()
}

// found notes what is committed of a partition that is begun.
func (o *offsets) found(a *Assignment, committed int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parts[a.Partition] = &offset{owner: a.session, next: committed, done: committed, at: time.Now()}
}

func (o *offsets) forget(partition int32, owner *session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p := o.parts[partition]; p != nil && p.owner == owner {
		delete(o.parts, partition)
	}
}

func (o *offsets) tell() {
	wake(o.moved)
}

// due returns what is to be committed now.
func (o *offsets) due() map[int32]int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := map[int32]int64{}
	for partition, p := range o.parts {
		if p.next != p.done && p.owner.holds() {
			out[partition] = p.next
		}
	}
	return out
}

func (o *offsets) committed(sent map[int32]int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for partition, next := range sent {
		if p := o.parts[partition]; p != nil {
			p.done, p.at = next, time.Now()
		}
	}
}

// compare marks what is to be committed again: what the group has not, or has lower, such as after a commit of a former
// owner that was late, and what was committed long ago. It reports nothing that is as it should be.
func (o *offsets) compare(in func(partition int32) (int64, bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for partition, p := range o.parts {
		at, known := in(partition)
		if p.done >= 0 && (!known || at < p.done || time.Since(p.at) > renewEvery) {
			p.done = -1
			o.tell()
		}
	}
}

// commitMoved commits what has moved, now and then, until the context is over.
func (t *Table) commitMoved(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.offsets.moved:
		}
		if retry.Pause(ctx, CommitEvery) != nil || t.m.pace.wait(ctx) != nil {
			return
		}
		inner, cancel := context.WithTimeout(ctx, requestTimeout)
		t.commit(inner)
		cancel()
	}
}

// commit commits what is to be committed now. What cannot be is tried again.
func (t *Table) commit(ctx context.Context) {
	t.offsets.sending.Lock()
	defer t.offsets.sending.Unlock()
	due := t.offsets.due()
	if len(due) == 0 {
		return
	}
	err := t.send(ctx, due)
	switch {
	case err == nil:
		t.offsets.committed(due)
	case errors.Is(err, kerr.UnknownMemberID), errors.Is(err, kerr.IllegalGeneration), errors.Is(err, kerr.RebalanceInProgress):
		t.intrude()
	case ctx.Err() == nil:
		t.o.Events.OffsetsNotCommitted(events.OffsetsNotCommitted{Group: t.o.Names.Group, Err: err})
		t.offsets.tell()
	}
}

// send commits as one who is in no group: the group of a table has no members, only offsets.
func (t *Table) send(ctx context.Context, due map[int32]int64) error {
	var all kadm.Offsets
	for partition, next := range due {
		all.Add(kadm.Offset{Topic: t.o.Source.Name, Partition: partition, At: next, LeaderEpoch: -1})
	}
	if err := kadm.NewClient(t.o.Admin).CommitAllOffsets(ctx, t.o.Names.Group, all); err != nil {
		return fmt.Errorf("commit to the group %s: %w", t.o.Names.Group, err)
	}
	return nil
}

// pace spaces the commits of all tables of a process.
type pace struct {
	mu   sync.Mutex
	next time.Time
}

func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	at := time.Now()
	if p.next.After(at) {
		at = p.next
	}
	p.next = at.Add(commitPause)
	p.mu.Unlock()
	return retry.Pause(ctx, time.Until(at))
}

// compareEvery is how often the groups' offsets are compared with what was committed.
const compareEvery = time.Minute

// compareOffsets looks at the offsets of all tables now and then, until the context is over.
func (m *Member) compareOffsets(ctx context.Context) {
	for retry.Pause(ctx, compareEvery) == nil {
		m.compareNow(ctx)
	}
}

// compareNow asks for the offsets of all tables in few requests.
func (m *Member) compareNow(ctx context.Context) {
	tables := map[string]*Table{}
	var groups []string
	var client *kgo.Client
	for _, t := range m.subscribed() {
		tables[t.o.Names.Group], client = t, t.o.Admin
		groups = append(groups, t.o.Names.Group)
	}
	if len(groups) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	for group, found := range kadm.NewClient(client).FetchManyOffsets(ctx, groups...) {
		if t := tables[group]; t != nil && (found.Err == nil || errors.Is(found.Err, kerr.GroupIDNotFound)) {
			t.offsets.compare(func(partition int32) (int64, bool) {
				at, ok := found.Fetched.Lookup(t.o.Source.Name, partition)
				return at.At, ok && at.Err == nil
			})
		}
	}
}
