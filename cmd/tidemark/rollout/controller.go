package rollout

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/tables"
)

// Options say which table's generations are run, and for whom.
type Options struct {
	Table      *tables.Table // as this process declares it
	Parts      Parts         // what generations are made of
	Registerer prometheus.Registerer
	Disk       Disk
	Logger     *slog.Logger
	Version    string // of the program
	// Show lets readers see a generation, which has a view.
	Show func(*Generation) error
}

// Disk describes the disk that the data directory is on.
type Disk interface {
	// NearlyFull says how much is left where that is little; empty otherwise.
	NearlyFull() string
}

// Controller runs the generations of one table in this process, as the table's record of
// generations asks for:
//
//	current   processor and view; what readers see
//	build     the same of the next one, beside it
//	retired   the processor of the last one, until no process answers from it
//
// It takes the steps that are due: asking for a generation when the definition of the
// table is a new one, making the one that was built the current one, letting
// readers see it, and removing what nobody uses any more. One goroutine does all of
// it; what others ask of it is in seen.
type Controller struct {
	o      Options
	record *generations.Log
	events *events.Listener
	seen   seen

	// Of the goroutine.
	all    map[int]*Generation
	asked  bool // the own definition was compared with the record
	told   time.Time
	looked time.Time
	said   map[string]string
	tidy   bool      // no files are left that are of no use
	begun  time.Time // when this began to follow the record

	schema schemaReader
	filled time.Time // when the build was first seen to be filled
}
