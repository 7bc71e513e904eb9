package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
)

// lineage runs the generations of one table in this process, as the table's record of
// generations asks for:
//
//	current   processor and view; what readers see
//	build     the same of the next one, beside it
//	retired   the processor of the last one, until no process answers from it
//
// It takes the steps that are due: asking for a generation when the definition of the
// table is a new one, making the one that was built the current one, letting
// readers see it, and removing what nobody uses any more. One goroutine does all of
// it; what others ask of it is behind the mutex.
type lineage struct {
	o        Options
	settings kafka.Settings
	declared *tables.Table
	registry prometheus.Registerer
	record   *generations.Log
	log      *slog.Logger
	metrics  *generationMetrics
	show     func(*live.Table) error // lets readers see a generation

	// Of the goroutine.
	all    map[int]*generation
	asked  bool // the own definition was compared with the record
	told   time.Time
	looked time.Time
	said   map[string]string
	tidy   bool      // no files are left that are of no use
	begun  time.Time // when this began to follow the record
	filled time.Time // when the build was first seen to be filled

	mu       sync.Mutex
	served   *generation
	note     string
	waits    string // why the definition of this process is not the one that is served
	progress seed.Progress
	building *generation // for who wants to know how far its view is
}

// newLineage makes the table's first generation as it was declared, so that there is
// something to answer from, and a mistake in it is told before anything runs.
func (o Options) newLineage(settings kafka.Settings, t *tables.Table, registry prometheus.Registerer) (*lineage, error) {
	g, err := o.generation(settings, t, nil, false)
	if err != nil {
		return nil, err
	}
	if err := g.metrics.show(registry); err != nil {
		return nil, err
	}
	log := o.Logger.With("component", "generations", "table", t.Name)
	l := &lineage{
		o: o, settings: settings, declared: t, registry: registry, log: log, record: generations.Open(settings, o.pool, t, log),
		all: map[int]*generation{}, said: map[string]string{}, served: g,
	}
	if l.metrics, err = newGenerationMetrics(registry, l); err != nil {
		return nil, err
	}
	return l, newHealthMetrics(registry, l)
}

// steady is how often the record and the parts are looked at, hasty while something
// is under way.
const (
	steady = time.Second
	hasty  = 100 * time.Millisecond
)

// run keeps the generations as the record asks for until the context ends.
func (l *lineage) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.record.Follow(ctx) })
	g.Go(func() error {
		defer l.end()
		l.keep(ctx)
		return nil
	})
	return g.Wait()
}

func (l *lineage) keep(ctx context.Context) {
	l.begun = time.Now()
	for ctx.Err() == nil {
		state, changed := l.record.State()
		err := l.step(ctx, &state)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, generations.ErrLost) {
			continue
		}
		l.say("step", err)
		wait := steady
		if state.Lineage.Build != nil || len(state.Lineage.Retired) > 0 || err != nil {
			wait = hasty
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(wait):
		}
	}
}

// end stops all generations at once.
func (l *lineage) end() {
	var stopping sync.WaitGroup
	for _, g := range l.all {
		stopping.Go(g.stop)
	}
	stopping.Wait()
	if state, _ := l.record.State(); busy(&state) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = l.record.Tell(ctx, nil) // else it is forgotten by its age
	}
}

func busy(s *generations.State) bool {
	return s.Lineage.Build != nil || len(s.Lineage.Retired) > 0
}

// stepTime bounds what one step may wait for brokers.
const stepTime = 10 * time.Second

// step does what is due.
func (l *lineage) step(ctx context.Context, s *generations.State) error {
	if !s.Known() || s.Newer != nil {
		return l.wait(s)
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if s.Lineage.Number == 0 {
		return l.record.Propose(ctx, *s, generations.First(l.declared))
	}
	if err := l.ask(ctx, s); err != nil {
		return err
	}
	l.keepRows(s.Lineage.Build != nil)
	if err := l.begin(ctx, s); err != nil {
		return err
	}
	if err := l.tell(ctx, s); err != nil {
		return err
	}
	if err := l.watchBuild(ctx, s); err != nil {
		return err
	}
	if err := l.handOver(ctx, s); err != nil {
		return err
	}
	return l.retire(ctx, s)
}

// wait says what the record of generations keeps the table from.
func (l *lineage) wait(s *generations.State) error {
	switch {
	case s.Newer != nil:
		l.setNote(fmt.Sprintf("the record of the table's generations cannot be used: %v; run that version here too", s.Newer))
	case s.Err != nil:
		l.setNote(s.Err.Error())
	default:
		l.setNote("reading the record of the table's generations")
	}
	return nil
}

// ask compares the own definition with the record, once after the start, and asks for
// a new generation when nobody has had it before. Who runs on with a definition
// that others have replaced meanwhile must not ask for it again.
func (l *lineage) ask(ctx context.Context, s *generations.State) error {
	standing := generations.StandingOf(s.Lineage, l.declared)
	if standing == generations.New && !l.asked {
		newest := &s.Lineage.Current
		l.log.Info("the table's definition has changed", "changes", generations.Changes(newest, l.declared))
		letters, err := processors.OpenLetters(ctx, l.settings, newest)
		if err != nil {
			return fmt.Errorf("look for dead letters of generation %d: %w", newest.Generation, err)
		}
		if err := l.record.Propose(ctx, *s, generations.Ask(s.Lineage, l.declared, letters > 0, time.Now().UTC())); err != nil {
			return err
		}
		l.asked = true
		return generations.ErrLost // look again
	}
	l.asked = true
	note, last := "", s.Lineage.Last
	if standing == generations.Earlier || standing == generations.New {
		note = "the configuration of this process has another definition of the table than the one that is served: " +
			generations.Changes(l.declared, &s.Lineage.Current) +
			"; start it with the newer configuration, or go back to this one with tidemark replay --declared"
	}
	if note != "" && last != nil && last.Failure != "" && last.Why == wire.BuildDefinition {
		note += "; the last build ended with: " + last.Failure
	}
	l.mu.Lock()
	l.waits = note
	l.mu.Unlock()
	if l.setNote(note) && note != "" {
		l.log.Warn("table is served by another definition than this process has", "note", note)
	}
	return nil
}

// begin makes the generations run that the record names.
func (l *lineage) begin(ctx context.Context, s *generations.State) error {
	wanted := []*tables.Table{&s.Lineage.Current}
	if b := s.Lineage.Build; b != nil {
		wanted = append(wanted, &b.Table)
	}
	for i, t := range wanted {
		if l.all[t.Generation] != nil {
			continue
		}
		g, err := l.open(s, t, i > 0)
		if err != nil {
			return fmt.Errorf("generation %d: %w", t.Generation, err)
		}
		l.all[t.Generation] = g
		l.keepRows(s.Lineage.Build != nil)
		l.log.Info("generation begins", "generation", t.Generation, "build", i > 0)
		g.start(context.WithoutCancel(ctx))
	}
	first := l.all[s.Lineage.Current.Generation]
	if l.servedNow().runs() || l.servedNow() == first {
		return nil
	}
	return l.serve(first) // what was there before the record was read
}

// keepRows keeps processors from giving rows up while a generation is filled.
func (l *lineage) keepRows(yes bool) {
	for _, g := range l.all {
		if g.processor != nil {
			g.processor.KeepRows(yes)
		}
	}
}

// open makes a generation; the one that was made before the record was read, when it
// is the same.
func (l *lineage) open(s *generations.State, t *tables.Table, building bool) (*generation, error) {
	applied := generations.Applied(t, l.declared)
	plan := generations.Plan(s.Lineage, t.Generation)
	if g := l.servedNow(); !building && plan == nil && t.Generation == 0 && g.table == l.declared && generations.Same(t, l.declared) && !slices.Contains(l.list(), g) {
		return g, nil
	}
	return l.o.generation(l.settings, applied, plan, building)
}

func (l *lineage) list() []*generation {
	var out []*generation
	for _, g := range l.all {
		out = append(out, g)
	}
	return out
}

func (l *lineage) servedNow() *generation {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.served
}

// serve lets readers see a generation.
func (l *lineage) serve(g *generation) error {
	old := l.servedNow()
	if old == g {
		return nil
	}
	old.metrics.hide() // two of one name cannot be shown
	err := g.metrics.show(l.registry)
	if err == nil && g.view != nil {
		if err = l.showAll(g); err != nil {
			g.metrics.hide()
		}
	}
	if err != nil {
		return errors.Join(err, old.metrics.show(l.registry)) // it is still the one that is read
	}
	l.mu.Lock()
	l.served = g
	l.mu.Unlock()
	l.told = time.Time{}
	old.left = time.Now()
	old.replace()
	return nil
}

// showAll lets readers see the rows of a generation and its rollups.
func (l *lineage) showAll(g *generation) error {
	rollups, err := l.rollupFaces(g)
	if err != nil {
		return err
	}
	for _, t := range append(rollups, l.face(g)) {
		if err := l.show(t); err != nil {
			return err
		}
	}
	return nil
}

// tell lets the other processes know what this one uses, while that is of interest.
func (l *lineage) tell(ctx context.Context, s *generations.State) error {
	if !busy(s) || time.Since(l.told) < generations.Beat {
		return nil
	}
	m := wire.Member{Serves: -1}
	if g := l.servedNow(); g.view != nil {
		m.Serves = g.table.Generation
	}
	for n, g := range l.all {
		if g.runs() {
			m.Runs = append(m.Runs, n)
		}
	}
	slices.Sort(m.Runs)
	if err := l.record.Tell(ctx, &m); err != nil {
		return fmt.Errorf("tell the other processes: %w", err)
	}
	l.told = time.Now()
	return nil
}

// setNote sets what readers are told, and reports whether it is something else.
func (l *lineage) setNote(note string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed := l.note != note
	l.note = note
	return changed
}

// say logs what keeps a step from being taken, once.
func (l *lineage) say(what string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if l.said[what] != text && text != "" {
		l.log.Warn("step of the table's generations not taken; it is tried again", "error", err)
	}
	l.said[what] = text
}
