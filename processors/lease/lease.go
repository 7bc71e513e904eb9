package lease

import (
	"errors"
	"sync/atomic"
	"time"
)

// Why nothing may be written any more.
var (
	ErrLost        = errors.New("the lease of the group's member has run out")
	ErrSessionOver = errors.New("the group's session is over")
	ErrRevoked     = errors.New("the partition was not given back in time and may have another owner")
)

// Lease is the promise of the group's coordinator that this member is still one:
// it holds until a margin before the session would time out. A process that was
// paused for longer finds it expired and writes nothing, however full its buffers are.
//
// The monotonic clock stops while a machine is suspended, so what is written to a
// connection goes by the wall clock as well: whichever says that more time has passed. A
// machine whose wall clock is wrong after it wakes up, or is set back, has only the guards
// that come after the lease.
type Lease struct {
	valid time.Duration    // 0: never expires
	since atomic.Int64     // when the last heartbeat that was answered was sent, nanoseconds after epoch
	wall  atomic.Int64     // the same by the wall clock, nanoseconds since 1970
	epoch time.Time        // carries the monotonic clock
	now   func() time.Time // time.Now, unless a test says otherwise
	lost  atomic.Bool
}

// For is how long an answered heartbeat lets the member write: a sixth of the session's
// timeout, and so a second of six, is left for what is on the way.
func For(sessionTimeout time.Duration) time.Duration { return sessionTimeout - sessionTimeout/6 }

// New makes a lease that holds from now on. One that is valid for no time never expires.
func New(valid time.Duration) *Lease {
	l := &Lease{valid: valid, epoch: time.Now(), now: time.Now}
	l.Renew(l.epoch)
	return l
}

// Pace is how often it is to be renewed at least.
func (l *Lease) Pace() time.Duration { return l.valid / 4 }

// Renew extends the lease: a heartbeat that was sent then has been answered.
func (l *Lease) Renew(sent time.Time) {
	l.since.Store(int64(sent.Sub(l.epoch)))
	l.wall.Store(sent.UnixNano())
}

// Lose ends it at once.
func (l *Lease) Lose() { l.lost.Store(true) }

// Valid reports whether something may be written.
func (l *Lease) Valid() bool { return l.checkWall() == nil }

// check returns an error when nothing may be written any more.
func (l *Lease) check() error {
	if l.lost.Load() {
		return ErrSessionOver
	}
	if l.valid > 0 && time.Since(l.epoch)-time.Duration(l.since.Load()) > l.valid {
		return ErrLost
	}
	return nil
}

// checkWall is check by both clocks. It is for each request, not for each record.
func (l *Lease) checkWall() error {
	if err := l.check(); err != nil {
		return err
	}
	if l.valid > 0 && l.now().UnixNano()-l.wall.Load() > int64(l.valid) {
		return ErrLost
	}
	return nil
}
