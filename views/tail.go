package views

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/topics"
)

// recentProgress is how many progress records per partition are read back at the
// start: a processor writes one a second, and the newest counts.
const recentProgress = 2000

// tail follows the batches and the progress topic: manifests and how far the
// processors are.
type tail struct {
	v    *View
	env  environment
	from map[string]int64
	ends map[string]int64

	mu    sync.Mutex
	next  map[string]int64
	moved chan struct{}
}

func newTail(v *View, env environment, ends map[string][]int64) *tail {
	t := &tail{v: v, env: env, from: map[string]int64{}, ends: map[string]int64{}, next: map[string]int64{}, moved: make(chan struct{}, 1)}
	for topic, e := range ends {
		t.ends[topic] = e[0]
		t.from[topic] = 0
	}
	if !v.o.Seeded { // seed records are written once
		back := recentProgress * int64(v.batches.Size())
		t.from[v.names.Progress] = max(0, t.ends[v.names.Progress]-back)
	}
	for topic, at := range t.from {
		t.next[topic] = at
	}
	return t
}

func (t *tail) run(ctx context.Context) error {
	return topics.Tail(ctx, t.v.o.Kafka, t.from, func(r topics.Record) {
		t.v.faults.clear(r.Topic)
		if t.env.knows(r) {
			t.take(r)
		}
		t.mu.Lock()
		t.next[r.Topic] = r.Offset + 1
		t.mu.Unlock()
		select {
		case t.moved <- struct{}{}:
		default:
		}
	}, t.v.faults.note)
}

// knows reports whether a record's offsets are of the changelog as it is: records
// of the topics beside it outlive one that is made again.
func (e environment) knows(r topics.Record) bool {
	return len(r.Changelog) != len(e.changelog.ID) || [16]byte(r.Changelog) == e.changelog.ID
}

func (t *tail) take(r topics.Record) {
	if r.Topic == t.v.names.Progress {
		t.v.takeProgress(r)
		return
	}
	if err := t.v.batches.Put(r.Key, r.Value); err != nil {
		t.v.leaveOut("manifest", "offset", r.Offset, "error", err)
	}
}

// await waits until what the topics had at the start is read.
func (t *tail) await(ctx context.Context) error {
	for topic, end := range t.ends {
		for {
			t.mu.Lock()
			next := t.next[topic]
			t.mu.Unlock()
			if next >= end {
				break
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-t.moved:
				continue
			case <-time.After(time.Second):
			}
			left, err := t.v.deliverable(ctx, topic, 0, next, end)
			if err != nil {
				return err
			}
			if !left {
				break
			}
		}
	}
	return nil
}

// leaveOut counts a record that cannot be read, and tells of the first one of its kind.
func (v *View) leaveOut(what string, args ...any) {
	v.metrics.unreadable.Inc()
	say := v.log.Debug
	if _, told := v.unreadable.LoadOrStore(what, true); !told {
		say = v.log.Error
	}
	say(what+" cannot be read and is left out, as are others of its kind", args...)
}

// takeProgress keeps the newest progress of a partition, and passes it to the
// session that runs.
func (v *View) takeProgress(r topics.Record) {
	if r.Value == nil {
		return
	}
	if wire.IsBootstrapKey(r.Key) {
		v.takeSeed(r)
		return
	}
	p, err := wire.ParseProgress(r.Value)
	if err != nil || p.Partition < 0 || p.Partition >= v.batches.Size() {
		v.leaveOut("progress record", "offset", r.Offset, "error", err)
		return
	}
	v.takeHealth(p.Partition, r.Health)
	v.mu.Lock()
	v.progress[p.Partition] = p
	feeds := slices.Collect(maps.Values(v.live))
	v.mu.Unlock()
	for _, l := range feeds {
		_ = l.feed.progress(p) // a session that is over needs none
	}
}

func (v *View) takeSeed(r topics.Record) {
	s, err := wire.ParseBootstrap(r.Value)
	if err != nil {
		v.leaveOut("seed record", "offset", r.Offset, "error", err)
		return
	}
	v.seeds.put(s)
}

// forgetProgress drops what was told of topics that are no more.
func (v *View) forgetProgress() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.progress)
}

// live is what keeps a session current.
type live struct {
	feed   *feed
	reader *changelog.Reader
}

// attach lets a session have progress and ends of topics, beginning with the
// newest progress that is known, until it is detached.
func (v *View) attach(s *session, f *feed, r *changelog.Reader) (detach func()) {
	v.mu.Lock()
	v.live[s] = live{f, r}
	known := slices.Collect(maps.Values(v.progress))
	v.mu.Unlock()
	for _, p := range known {
		_ = f.progress(p) // a session that is over needs none
	}
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.restarts += r.Restarts()
		delete(v.live, s)
	}
}

// readers returns the readers of the sessions that run.
func (v *View) readers() []*changelog.Reader {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []*changelog.Reader
	for _, l := range v.live {
		out = append(out, l.reader)
	}
	return out
}
