package verify

import (
	"errors"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// Options say what to compare. Table, Database and Process must be given.
type Options struct {
	Table    *tables.Table
	Database *Database
	Process  Process
	// PageRows is how many rows are read and looked up at once: 1 to 10,000, default 2,000.
	PageRows int
	// Settle is how long the process must have got no event, where no event of the
	// table lies behind a position of the database: it is never reported as reached
	// then, and a difference that is still there counts. Default 10 s, at most 30 s.
	Settle time.Duration
	// Patience is how long the process may lag behind the brokers where a position cannot
	// be reached. Default 30 s.
	Patience time.Duration
	// Rounds is how often a key that changes all the time is looked at again. Default 20.
	Rounds int
	// Most is how many differences are kept to be reported one by one; all are counted. Default 100.
	Most int
	// Enough is how many differences end the comparison early, when at least half of the
	// rows differ: more of the same say nothing new. Default 50,000.
	Enough int
	// Progress gets the current count, for a progress bar; total is 0 when nobody knows. May be nil.
	Progress func(phase string, done, total int64)
	// Total is about how many rows the database has, for Progress.
	Total int64
}

func (o *Options) validate() error {
	if o.Table == nil || o.Database == nil || o.Process == nil {
		return errors.New("verify: Table, Database and Process must be given")
	}
	positive(&o.PageRows, 2_000)
	positive(&o.Rounds, 20)
	positive(&o.Most, 100)
	o.PageRows = min(o.PageRows, 10_000)
	if o.Settle <= 0 {
		o.Settle = 10 * time.Second
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	o.Settle = min(o.Settle, 30*time.Second)
	positive(&o.Enough, 50_000)
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	return nil
}

func positive(v *int, otherwise int) {
	if *v <= 0 {
		*v = otherwise
	}
}
