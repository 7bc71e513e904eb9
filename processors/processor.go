package processors

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/group"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/lease"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/processors/repartition"
	"github.com/tidemark/tidemark/processors/topicwatch"
)

// Processor is the write side of one table in this process. Any number of processes
// may run it; they share the partitions.
type Processor struct {
	opts          Options
	names         kafka.Names
	status        *statuses
	metrics       *metrics
	events        *events.Listener
	watch         *topicwatch.Watch
	repartitioner atomic.Pointer[repartition.Repartitioner]
	doubts        doubts
	outruns       outrun.Named

	pool    *logread.Pool
	release func()        // of the pool
	members *Membership   // while it runs
	recall  health.Recall // health of the partitions, as last reported
	drifts  driftwatch.Table

	filled bootstrap.Table // of the schedule's goroutine
}

// New makes a processor; Run starts it.
func New(o Options) (*Processor, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("processor options: %w", err)
	}
	o.defaults()
	if _, err := o.NewDecoder(); err != nil {
		return nil, fmt.Errorf("table %s: %w", o.Table.Name, err)
	}
	if _, err := filter.Compile(o.Table); err != nil {
		return nil, fmt.Errorf("table %s: %w", o.Table.Name, err)
	}
	if err := batch.CheckSchedule(o.Table.Batch.Schedule); err != nil {
		return nil, fmt.Errorf("table %s: %w", o.Table.Name, err)
	}
	o.Logger = o.Logger.With("component", "processor", "table", o.Table.Name)
	p := &Processor{
		opts: o, names: o.Kafka.Names(o.Table), status: newStatuses(o.Table.Name),
		metrics: newMetrics(instrument.Of(o.Table.Name, o.Registerer)),
		filled:  bootstrap.Table{Plan: o.Seed, Table: o.Table, Kafka: o.Kafka, Clock: o.Clock},
	}
	p.events = events.Tee(p.metrics.listener(), events.Log(o.Logger), o.Events).EnsureDefaults()
	p.filled.Events = p.events
	p.watch = topicwatch.New(topicwatch.Options{Progress: p.names.Progress, Every: o.WatchEvery, Seen: p.status.whole, Events: p.events})
	p.pool, p.release = o.Pool.Or(o.Kafka)
	p.opts.Pool = p.pool // a membership of its own asks by it, too
	return p, nil
}

// Status returns the state as of now. It may be called at any time.
func (p *Processor) Status() Status {
	out := p.status.get()
	if s := p.repartitioner.Load(); s != nil {
		out.Repartitioned = s.Status()
	}
	return out
}

const retryEvery = time.Second

// Run processes the table until the context is over, and returns nil then. While
// something is missing or wrong it says so in Status and the log, and looks again:
// the process has other tables and reads to serve.
func (p *Processor) Run(ctx context.Context) error {
	defer p.release()
	members, leave, err := p.opts.Membership.or(&p.opts)
	if err != nil {
		return err
	}
	defer leave()
	members.Start()
	p.members = members
	said := ""
	for ctx.Err() == nil {
		err := p.runTable(ctx)
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			err = lease.ErrSessionOver
		}
		p.status.whole(err)
		if err.Error() != said {
			said = err.Error()
			p.events.TableNotProcessed(events.TableNotProcessed{Err: err})
		}
		wait := retryEvery
		if fixed(err) {
			wait = p.opts.WatchEvery
		}
		if retry.Pause(ctx, wait) != nil {
			break
		}
	}
	return nil
}

// fixed reports whether the error stays until somebody does something about it.
func fixed(err error) bool {
	var (
		partitions *kafka.PartitionsError
		recreated  *kafka.RecreatedError
		policy     *kafka.PolicyError
	)
	return errors.As(err, &partitions) || errors.As(err, &recreated) || errors.As(err, &policy)
}

// runTable makes or checks the topics and runs everything, until the context is
// over or the source topic is no longer what it was.
//
//	group's table -> partitions: consumer -> feed -> goka -> changelog
//	catalog      -> what is known of batches, for barriers, schedule and retention
//	schedule     -> barriers, on the process that owns partition 0
//	watch        -> ends it all when the source topic changes
func (p *Processor) runTable(ctx context.Context) error {
	maker, err := p.pool.Maker()
	if err != nil {
		return err
	}
	source, err := kafka.EnsureBy(ctx, maker, p.opts.Kafka, p.opts.Table)
	if err != nil {
		return err
	}
	client, err := p.pool.Client()
	if err != nil {
		return err
	}
	p.pool.Forget(p.names.Batch, p.names.DeadLetters, p.names.Progress) // they may be others than those of the last attempt
	changelog, err := kafka.Describe(ctx, client, p.names.Table)
	if err != nil {
		return err
	}
	if err := p.watch.Check(ctx, client, source, func(partition int32, r *kgo.Record) { p.recall.Put(partition, r, changelog.ID) }); err != nil {
		return err
	}
	s, closeAll, err := p.openShared(ctx, client, source, changelog)
	if err != nil {
		return err
	}
	defer closeAll()
	if s.repartitioner, err = p.openRepartitioner(ctx, s, source); err != nil {
		return err
	}
	p.repartitioner.Store(s.repartitioner)
	s.recall, s.drifts = &p.recall, &p.drifts
	p.status.whole(nil)
	return p.runParts(ctx, s, source, changelog)
}

func (p *Processor) runParts(ctx context.Context, s *shared, source, changelog kafka.Topic) error {
	t := p.members.member.Table(group.TableOptions{
		Names: p.names, Admin: s.admin, Source: source, Changelog: changelog, Waits: p.status.waitsForOthers,
		Progress: func(partition int32, r *kgo.Record) { s.recall.Put(partition, r, s.changelogID) }, // the claims need it next
		Events:   p.events,
	}, owner{s})
	eg, ctx := errgroup.WithContext(ctx)
	eg.Go(func() error { return t.Run(ctx) })
	eg.Go(func() error { return s.catalog.Follow(ctx, p.pool) })
	eg.Go(func() error { return p.watch.Follow(ctx, s.admin, source, changelog) })
	if s.repartitioner != nil {
		eg.Go(func() error { return p.watch.Grow(ctx, s.admin, s.repartitioner.Grow) })
	}
	eg.Go(func() error { return p.lookAfterBatches(ctx, s) })
	return eg.Wait()
}

// openShared opens what all partitions share.
func (p *Processor) openShared(ctx context.Context, client *kgo.Client, source, changelog kafka.Topic) (*shared, func(), error) {
	limit, err := p.findLimit(ctx, client)
	if err != nil {
		return nil, nil, err
	}
	reader, err := p.pool.Reader()
	if err != nil {
		return nil, nil, err
	}
	data, recovery := reader.Consumer(), reader.Consumer()
	closeAll := func() {
		if err := errors.Join(data.Close(), recovery.Close()); err != nil {
			p.events.ClientNotClosed(events.ClientNotClosed{Err: err})
		}
	}
	s := &shared{
		opts: &p.opts, names: p.names, status: p.status, metrics: p.metrics, events: p.events, logger: p.opts.Logger, admin: client,
		sourceTopic: source.Name, partitions: source.Partitions, sourceID: source.ID, changelogID: changelog.ID,
		limit: limit, fingerprint: wire.Fingerprint(p.opts.Table), columns: len(p.opts.Table.Columns),
		data: data, recovery: recovery, offsets: reader, table: health.New(), doubts: &p.doubts, outruns: &p.outruns,
	}
	s.catalog = p.newCatalog(client, reader, changelog)
	return s, closeAll, nil
}
