package supervisor

import (
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// unreadable counts records that cannot be read, and tells of the first one of each kind.
type unreadable struct {
	counter prometheus.Counter
	log     *slog.Logger
	told    sync.Map // kinds
}

func (r *unreadable) leaveOut(what string, args ...any) {
	r.counter.Inc()
	say := r.log.Debug
	if _, told := r.told.LoadOrStore(what, true); !told {
		say = r.log.Error
	}
	say(what+" cannot be read and is left out, as are others of its kind", args...)
}
