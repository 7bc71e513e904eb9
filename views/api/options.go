package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/events"
)

// Options says what the API serves and how.
type Options struct {
	Tables      []*live.Table
	Version     string   // of the program, for the OpenAPI document
	CORSOrigins []string // such as https://shop.example, or *; none: no cross-origin reads
	MaxBody     int64    // bytes of a request's body; default 4 MiB
	MaxURL      int      // bytes of a request's URL; default 32 KiB
	// Stall is how long one write of an answer may take before its client counts as
	// gone. Default 30 s.
	Stall     time.Duration
	QueryTime time.Duration // how long the rows of one page may be looked for; default 30 s
	// Loopback says that only this machine is served: then requests that name another host
	// are refused, since they come from web pages whose names were made to lead here.
	Loopback   bool
	Scans      int // heavy reads that work at once; default: as many as cores
	Queue      int // heavy reads that wait for their turn; default 32
	Logger     *slog.Logger
	Registerer prometheus.Registerer // default: a registry of its own
	Gatherer   prometheus.Gatherer   // what /metrics shows; default: the same registry
	Clock      func() time.Time
	Random     io.Reader // where the key of the cursors comes from; default crypto/rand
}

const maxQueryTime = 30 * time.Second

// DefaultQueue is how many heavy reads wait where nothing else is said, and queueTime how
// long.
const (
	DefaultQueue = 32
	queueTime    = 10 * time.Second
)

// Validate reports the first option that is wrong.
func (o *Options) Validate() error {
	if o.MaxBody < 0 || o.MaxURL < 0 || o.Stall < 0 || o.QueryTime < 0 || o.Scans < 0 || o.Queue < 0 {
		return errors.New("MaxBody, MaxURL, Stall, QueryTime, Scans and Queue cannot be negative")
	}
	seen := map[string]bool{}
	for i, t := range o.Tables {
		if t.Incomplete() {
			return fmt.Errorf("table %d is incomplete", i)
		}
		if seen[t.Table.Name] {
			return fmt.Errorf("table %s is there twice", t.Table.Name)
		}
		seen[t.Table.Name] = true
	}
	return guard.Origins(o.CORSOrigins).Validate()
}

func (o Options) withDefaults() Options {
	if o.MaxBody == 0 {
		o.MaxBody = 4 << 20
	}
	if o.MaxURL == 0 {
		o.MaxURL = 32 << 10
	}
	if o.Stall == 0 {
		o.Stall = web.Slowest
	}
	if o.QueryTime == 0 {
		o.QueryTime = maxQueryTime
	}
	if o.Scans == 0 {
		o.Scans = runtime.GOMAXPROCS(0)
	}
	if o.Queue == 0 {
		o.Queue = DefaultQueue
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Registerer == nil || o.Gatherer == nil {
		r := prometheus.NewRegistry()
		o.Registerer, o.Gatherer = r, r
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Version == "" {
		o.Version = "0"
	}
	return o
}

// web returns what all routes have in common.
func (o *Options) web() web.Options {
	return web.Options{
		Origins: o.CORSOrigins, Loopback: o.Loopback, MaxBody: o.MaxBody, MaxURL: o.MaxURL, Stall: o.Stall,
		Scans: o.Scans, Queue: o.Queue, QueueTime: queueTime,
		Events: events.Log(o.Logger), Registerer: o.Registerer, Clock: o.Clock,
	}
}
