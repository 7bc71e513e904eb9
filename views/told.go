package views

import (
	"context"
	"maps"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/topics"
)

// follower follows what the processors tell of their progress and of batches. Records of
// how a generation is filled are written once, so that all are read where it is.
func (v *View) follower(env topics.Set, ends map[string][]int64) *progress.Follower {
	recent := map[string]int64{}
	if !v.o.Seeded {
		recent[v.names.Progress] = progress.RecentProgress * int64(v.batches.Size())
	}
	f := progress.NewFollower(ends, recent)
	f.Pool, f.Faults = v.pool, v.faults
	f.Take = func(r topics.Record) {
		if env.Knows(r) {
			v.takeTold(r)
		}
	}
	f.Deliverable = func(ctx context.Context, topic string, from, end int64) (bool, error) {
		return v.Deliverable(ctx, topic, 0, from, end)
	}
	return f
}

func (v *View) takeTold(r topics.Record) {
	if r.Topic == v.names.Progress {
		v.takeProgress(r)
		return
	}
	if err := v.batches.Put(r.Key, r.Value); err != nil {
		v.leaveOut("manifest", "offset", r.Offset, "error", err)
	}
}

// leaveOut counts a record that cannot be read, and tells of the first one of its kind.
func (v *View) leaveOut(what string, args ...any) {
	v.metrics.Unreadable.Inc()
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
		_ = l.feed.Progress(p) // a session that is over needs none
	}
}

func (v *View) takeSeed(r topics.Record) {
	s, err := wire.ParseBootstrap(r.Value)
	if err != nil {
		v.leaveOut("seed record", "offset", r.Offset, "error", err)
		return
	}
	v.seeds.Put(s)
}

// forgetProgress drops what was told of topics that are no more.
func (v *View) forgetProgress() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.progress)
}

// live is what keeps a session current.
type live struct {
	feed   *replica.Feed
	reader *changelog.Reader
}

// Attach lets a session have progress and ends of topics, beginning with the
// newest progress that is known, until it is detached.
func (v *View) Attach(s *replica.Replica, f *replica.Feed, r *changelog.Reader) (detach func()) {
	v.mu.Lock()
	v.live[s] = live{f, r}
	known := slices.Collect(maps.Values(v.progress))
	v.mu.Unlock()
	for _, p := range known {
		_ = f.Progress(p) // a session that is over needs none
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

// takeHealth keeps what a processor tells of a partition. Older processors tell nothing.
func (v *View) takeHealth(partition int32, header []byte) {
	if header == nil {
		return
	}
	told, err := wire.ParseHealth(header)
	if err != nil {
		v.leaveOut("health of a partition", "partition", partition, "error", err)
		return
	}
	v.health.Put(partition, told)
}
