package supervisor

import (
	"context"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/topics"
)

// follower follows what the processors report about their progress and batches. Records of
// how a generation is filled are written once, so that all are read where it is.
func (u *Supervisor) follower(env topics.Set, ends map[string][]int64) *progress.Follower {
	recent := map[string]int64{}
	if !u.o.Seeded {
		recent[u.names.Progress] = progress.RecentProgress * int64(u.parts.Manifests.Size())
	}
	f := progress.NewFollower(ends, recent)
	f.Pool, f.Faults = u.pool, u.parts.Faults
	f.Take = func(r topics.Record) {
		if env.Knows(r) {
			u.takeTold(r)
		}
	}
	f.Deliverable = func(ctx context.Context, topic string, from, end int64) (bool, error) {
		return u.deliverable(ctx, topic, 0, from, end)
	}
	return f
}

func (u *Supervisor) takeTold(r topics.Record) {
	if r.Topic == u.names.Progress {
		u.takeProgress(r)
		return
	}
	if err := u.parts.Manifests.Put(r.Key, r.Value); err != nil {
		u.unreadable.leaveOut(events.RecordUnreadable{What: "manifest", Partition: events.NoPlace, Offset: r.Offset, Err: err})
	}
}

// takeProgress keeps the newest progress of a partition, and passes it to the
// replica that runs.
func (u *Supervisor) takeProgress(r topics.Record) {
	if r.Value == nil {
		return
	}
	if wire.IsBootstrapKey(r.Key) {
		u.takeSeed(r)
		return
	}
	p, err := wire.ParseProgress(r.Value)
	if err != nil || p.Partition < 0 || p.Partition >= u.parts.Manifests.Size() {
		u.unreadable.leaveOut(events.RecordUnreadable{What: "progress record", Partition: events.NoPlace, Offset: r.Offset, Err: err})
		return
	}
	u.takeHealth(p.Partition, r.Health)
	u.attached.tell(p)
}

func (u *Supervisor) takeSeed(r topics.Record) {
	s, err := wire.ParseBootstrap(r.Value)
	if err != nil {
		u.unreadable.leaveOut(events.RecordUnreadable{What: "seed record", Partition: events.NoPlace, Offset: r.Offset, Err: err})
		return
	}
	u.parts.Bootstrap.Put(s)
}

// takeHealth keeps what a processor says about a partition. Older processors say nothing.
func (u *Supervisor) takeHealth(partition int32, header []byte) {
	if header == nil {
		return
	}
	told, err := wire.ParseHealth(header)
	if err != nil {
		u.unreadable.leaveOut(events.RecordUnreadable{What: "health of a partition", Partition: partition, Offset: events.NoPlace, Err: err})
		return
	}
	u.parts.Health.Put(partition, told)
}

// mapFollower follows what positions of the topic by keys stand for.
func (u *Supervisor) mapFollower(env topics.Set) *progress.MapFollower {
	return &progress.MapFollower{
		Map: u.parts.SourceMap, Pool: u.pool, Topic: u.names.Repartitioned, Set: env,
		ReadersAt: u.place,
		Moved:     u.attached.lookAgain, Unreadable: u.unreadable.leaveOut, Faults: u.parts.Faults,
	}
}
