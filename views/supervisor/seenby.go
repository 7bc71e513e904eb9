package supervisor

import (
	"context"

	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/replica"
)

// seenBy is what replicas ask of their supervisor. It implements replica.View.
type seenBy struct{ u *Supervisor }

// Sees reports whether readers see a replica.
func (b seenBy) Sees(s *replica.Replica) bool { return b.u.Current() == s }

// Ready reports whether what they see is up to date.
func (b seenBy) Ready() bool { return b.u.Ready() }

// Poll asks for the ends of topics out of turn.
func (b seenBy) Poll() { b.u.Poll(false) }

// File has a batch written that a replica has sealed.
func (b seenBy) File(s *replica.Replica, f batches.Filing) { b.u.shown.file(s, f) }

// Attach lets a replica have progress and ends of topics, until it is detached.
func (b seenBy) Attach(s *replica.Replica, f *replica.Feed, r *changelog.Reader) (detach func()) {
	return b.u.attached.attach(s, f, r)
}

// Deliverable reports whether a partition has something left to deliver between two offsets.
func (b seenBy) Deliverable(ctx context.Context, topic string, partition int32, from, end int64) (bool, error) {
	return b.u.deliverable(ctx, topic, partition, from, end)
}
