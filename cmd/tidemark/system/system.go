package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/cmd/tidemark/adapters"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/gcpacing"
	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/codecs/avro"
	schemaregistry "github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
)

// Options say what a process is to be.
type Options struct {
	Config  *config.Config
	Version string
	Logger  *slog.Logger
	// Topics that an embedded broker makes, with their partitions; by default the
	// tables' source topics.
	Topics map[string]int32
	// Beside runs next to the tables until its context ends, with the address of the
	// HTTP listener; nil runs nothing.
	Beside func(ctx context.Context, listener net.Addr) error

	databases *localdb.Shared // what the databases on disk share
	pool      *logread.Pool   // the clients that all tables share
	schemas   avro.Schemas    // of Avro records; nil where no registry is declared
	logs      *views.Logs     // of the databases, as far as all tables together have read them
	pacing    *gcpacing.Pacing
	members   *processors.Membership // in the group that shares out partitions; nil without processors
}

// embeddedPartitions is how many partitions the source topics of an embedded broker get.
const embeddedPartitions = 4

// Run starts everything and waits until ctx ends or something fails for good.
//
//	1 listener    the port is taken first: when it is busy, nothing else was started
//	  data_dir    is this process's alone, for its roles
//	2 broker      only with kafka.embedded; everything below connects to it
//	3 per table   its generations, as its record of them asks for; of each
//	    source topic -> processor -> topics -> view
//	                        ^                    |
//	                        | barrier            |
//	                  Batches.Take <--- api <----+   of the one that is read
//	4 server      answers from the first moment: /readyz says when rows can be read
//
// It stops the other way round: first no new requests and the answers that have
// begun, then processors and views, which give their partitions back, then the broker,
// which they need to do so.
func Run(ctx context.Context, o Options) error {
	budget, err := PlanBudget(o.Config)
	if err != nil {
		return err
	}
	budget.limitHeap(os.LookupEnv)
	o.databases = budget.databases()
	listener, err := listen(o.Config.HTTP, o.Logger)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	unlock, err := lockRoles(o.Config.DataDir, o.Config.Roles)
	if err != nil {
		return err
	}
	defer unlock()
	settings, stopBroker, err := o.broker(ctx)
	if err != nil {
		return err
	}
	defer stopBroker()
	if _, err := settings.Franz(); err != nil {
		return err // a certificate that cannot be read is reported now, not by every client later
	}
	s, err := o.build(settings)
	if err != nil {
		return err
	}
	defer s.close()
	s.events.Started(events.Started{
		Version: o.Version, Listen: listener.Addr().String(), Brokers: settings.Brokers,
		Tables: o.Config.TableNames(), Processor: o.Config.Roles.Processor, View: o.Config.Roles.View,
	})
	err = s.run(ctx, listener)
	flush(o.Logger)
	s.events.Stopped(events.Stopped{})
	return err
}

// broker returns how to reach the brokers, after starting the embedded one if it is asked for.
func (o Options) broker(ctx context.Context) (kafka.Settings, func(), error) {
	settings := o.Config.Kafka.Settings
	if !o.Config.Kafka.Embedded {
		return settings, func() {}, nil
	}
	topics := o.Topics
	if topics == nil {
		topics = map[string]int32{}
		for _, t := range o.Config.Tables {
			topics[t.Source.Topic] = embeddedPartitions
		}
	}
	b, err := StartEmbedded(ctx, EmbeddedOptions{Dir: o.Config.BrokerDir(), Topics: topics, Logger: o.Logger})
	if err != nil {
		return settings, nil, err
	}
	settings.Brokers = b.Addrs()
	return settings, func() { _ = b.Close() }, nil
}

// component is a part that runs until its context ends.
type component struct {
	name string
	run  func(context.Context) error
}

// system is a process before it runs.
type system struct {
	o          Options
	events     *events.Listener
	components []component
	tables     []*rollout.Controller
	brokers    *brokerWatch
	api        *api.API
	schemas    *schemaregistry.Client // nil where none is declared
}

// build makes the parts of the process's roles. Nothing runs yet.
func (o Options) build(settings kafka.Settings) (*system, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	schemas, err := o.openSchemas(registry)
	if err != nil {
		return nil, err
	}
	if schemas != nil {
		o.schemas = schemas
	}
	o.logs = views.NewLogs()
	o.pool, o.pacing = logread.NewPool(settings), new(gcpacing.Pacing)
	if o.members, err = o.openMembership(settings); err != nil {
		return nil, err
	}
	s := &system{o: o, events: events.Log(o.Logger), schemas: schemas, brokers: newBrokerWatch(o.pool, settings, o.Logger)}
	served, err := s.addTables(settings, registry)
	if err != nil {
		return nil, err
	}
	s.api, err = api.New(api.Options{
		Tables: served, Version: o.Version, CORSOrigins: o.Config.HTTP.CORSOrigins,
		Scans: o.Config.Limits.Scans, Queue: o.Config.Limits.Queue,
		Logger: o.Logger.With("component", "api"), Registerer: registry, Gatherer: registry,
	})
	return s, err
}

// addTables makes the controller of each table's generations, and returns what readers see of
// them, if anything.
func (s *system) addTables(settings kafka.Settings, registry prometheus.Registerer) ([]*live.Table, error) {
	parts := s.o.parts(settings)
	disk := &disk{dir: s.o.Config.DataDir}
	var served []*live.Table
	for _, t := range s.o.Config.Tables {
		var c *rollout.Controller
		var err error
		c, err = rollout.New(rollout.Options{
			Table: t, Parts: parts, Registerer: registry, Disk: disk, Logger: s.o.Logger, Version: s.o.Version,
			Show: func(g *rollout.Generation) error { return s.show(c, g, settings) },
		})
		if err != nil {
			return nil, err
		}
		s.components = append(s.components, component{"generations of " + t.Name, c.Run})
		s.tables = append(s.tables, c)
		if g := c.Current(); g.View() != nil {
			shown, err := adapters.Tables(c, g, settings)
			if err != nil {
				return nil, err
			}
			served = append(served, shown...)
		}
	}
	return served, nil
}

// show lets readers see another generation of a table: its rollups, and then its rows.
func (s *system) show(c *rollout.Controller, g *rollout.Generation, settings kafka.Settings) error {
	shown, err := adapters.Tables(c, g, settings)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(shown) {
		if err := s.api.Replace(t); err != nil {
			return err
		}
	}
	return nil
}

// parts returns what the generations of all tables are made of.
func (o Options) parts(settings kafka.Settings) rollout.Parts {
	c := o.Config
	return rollout.Parts{
		Kafka: settings, Pool: o.pool, Databases: o.databases, DataDir: c.DataDir, Processor: c.Roles.Processor, View: c.Roles.View,
		Membership: o.members, Schemas: o.schemas, Logs: o.logs, TwoBases: o.pacing.Begin, Logger: o.Logger,
	}
}

// openMembership makes the process's part in the group of the processors.
func (o Options) openMembership(settings kafka.Settings) (*processors.Membership, error) {
	if !o.Config.Roles.Processor {
		return nil, nil
	}
	c := *o.Config
	c.Kafka.Settings = settings
	return processors.OpenMembership(processors.MembershipOptions{
		Kafka: settings, Pool: o.pool, Logger: o.Logger.With("component", "membership"), Peers: peerAddress(&c),
	})
}

// openSchemas makes the client of the schema registry, if one is declared.
func (o Options) openSchemas(metrics prometheus.Registerer) (*schemaregistry.Client, error) {
	if o.Config.Kafka.Registry == (schemaregistry.Settings{}) || !o.Config.Roles.Processor {
		return nil, nil
	}
	options := o.Config.Kafka.RegistryOptions(o.Logger)
	options.Registerer = metrics
	return schemaregistry.New(options)
}

// close ends what outlives the parts.
func (s *system) close() {
	if s.o.members != nil {
		s.o.members.Close() // the tables have given their partitions back
	}
	s.o.pool.Close()
	if s.schemas != nil {
		s.schemas.Close()
	}
}

// run joins the parts. What fails ends the others.
func (s *system) run(ctx context.Context, listener net.Listener) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, inner := errgroup.WithContext(inner)
	away := s.brokers.look(ctx, brokerFirst, false)
	if s.o.members != nil {
		s.o.members.Start() // a group that was empty waits for others at first: meanwhile the tables get ready
	}
	g.Go(func() error { return s.brokers.run(inner, away) })
	g.Go(func() error { return s.sayReady(inner, listener.Addr()) })
	for _, c := range s.components {
		g.Go(func() error { return c.until(inner) })
	}
	g.Go(func() error {
		defer stop() // the rest goes when the last answer is out
		outer, cancel := context.WithCancel(inner)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		if s.o.Beside != nil {
			g.Go(func() error {
				return component{"demo", func(ctx context.Context) error { return s.o.Beside(ctx, listener.Addr()) }}.until(outer)
			})
		}
		if a, ok := listener.Addr().(*net.TCPAddr); ok && a.IP.IsLoopback() {
			s.api.OnLoopback()
		}
		return serve(outer, api.NewServer(s.api), listener, s.o.Logger)
	})
	finished := make(chan error, 1)
	go func() { finished <- g.Wait() }()
	select {
	case err := <-finished:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-finished:
		return err
	case <-time.After(stopWithin):
		return errors.New("some parts did not stop in time; they are left behind, nothing that was acknowledged is lost")
	}
}

// stopWithin is how long an orderly stop may take.
const stopWithin = 15 * time.Second

// until runs the component. To end before its context does is a failure.
func (c component) until(ctx context.Context) error {
	err := c.run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		return fmt.Errorf("%s: it ended by itself", c.name)
	}
	return fmt.Errorf("%s: %w", c.name, err)
}
