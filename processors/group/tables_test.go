package group

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/tables"
)

// tableOf makes the topics of another table, which reads the same source.
func (w *world) tableOf(name string) TableOptions {
	w.t.Helper()
	o := w.table
	o.Names = w.options.Kafka.Names(&tables.Table{Name: name})
	if _, err := kadm.NewClient(w.client).CreateTopics(w.t.Context(), o.Source.Partitions, 1, nil, o.Names.Table); err != nil {
		w.t.Fatal(err)
	}
	if _, err := kadm.NewClient(w.client).CreateTopics(w.t.Context(), 1, 1, nil, o.Names.Progress); err != nil {
		w.t.Fatal(err)
	}
	o.Changelog = w.describe(o.Names.Table)
	return o
}

// process is a member with tables. It notes what each of them holds, and how often that began.
type process struct {
	w      *world
	name   string
	member *Member
	leave  func()
	held   *ledgers
}

type ledgers struct {
	mu     sync.Mutex
	tables map[string]*ledger
	begun  map[string]int
}

func newLedgers() *ledgers { return &ledgers{tables: map[string]*ledger{}, begun: map[string]int{}} }

func (l *ledgers) of(table string) *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tables[table] == nil {
		l.tables[table] = &ledger{holders: map[int32]string{}}
	}
	return l.tables[table]
}

func (l *ledgers) begins(table string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun[table]
}

func (w *world) process(name string, held *ledgers) *process {
	w.t.Helper()
	m, leave := w.member()
	return &process{w: w, name: name, member: m, leave: leave, held: held}
}

type counted struct {
	holder
	table string
	all   *ledgers
}

func (c *counted) Assigned(ctx context.Context, a *Assignment) {
	c.all.mu.Lock()
	c.all.begun[c.table]++
	c.all.mu.Unlock()
	c.holder.Assigned(ctx, a)
}

func (p *process) table(o TableOptions) (h *counted, stop func()) {
	name := o.Names.Group
	h = &counted{table: name, all: p.held, holder: holder{name: p.name, ledger: p.held.of(name), last: make(chan *Assignment, 64)}}
	return h, p.w.runs(p.member.Table(o, h))
}

func (l *ledgers) checkOnce(t *testing.T) {
	t.Helper()
	for name, l := range l.tables {
		l.mu.Lock()
		if len(l.twice) > 0 {
			t.Errorf("%s: partitions %v were held twice", name, l.twice)
		}
		l.mu.Unlock()
	}
}

func TestManyTablesJoinInFewGenerations(t *testing.T) {
	w := newWorld(t, 3)
	held := newLedgers()
	p := w.process("one", held)
	const n = 60
	for i := range n {
		o := w.tableOf(fmt.Sprintf("t%d", i))
		p.table(o)
	}
	until(t, "all partitions of all tables", func() bool {
		for i := range n {
			if len(held.of(fmt.Sprintf("t%d", i)).held("one")) != 3 {
				return false
			}
		}
		return true
	})
	p.member.mu.Lock()
	defer p.member.mu.Unlock()
	if g := p.member.session.generation.Load(); g > 12 {
		t.Errorf("it has taken %d generations of the group", g)
	}
}

func TestATableThatComesOrGoesDisturbsNoOther(t *testing.T) {
	w := newWorld(t, 4)
	held := newLedgers()
	one, other := w.process("one", held), w.process("other", held)
	stays := w.tableOf("stays")
	one.table(stays)
	other.table(stays)
	l := held.of("stays")
	shared := func() bool { return len(l.held("one")) == 2 && len(l.held("other")) == 2 }
	until(t, "two partitions each", shared)
	begun := held.begins("stays")
	for i := range 3 {
		o := w.tableOf(fmt.Sprintf("comes%d", i))
		_, stop1 := one.table(o)
		_, stop2 := other.table(o)
		until(t, "the other table shared", func() bool {
			l := held.of(o.Names.Group)
			return len(l.held("one")) == 2 && len(l.held("other")) == 2
		})
		stop1()
		until(t, "the other table in one process", func() bool { return len(held.of(o.Names.Group).held("other")) == 4 })
		stop2()
	}
	if n := held.begins("stays"); n != begun || !shared() {
		t.Errorf("partitions of the table that stays were begun %d times, want %d", n, begun)
	}
	held.checkOnce(t)
}

// Processes need not have the same tables, and tables may read the same source.
func TestEachTableIsSharedAmongTheProcessesThatHaveIt(t *testing.T) {
	w := newWorld(t, 3)
	held := newLedgers()
	one, other := w.process("one", held), w.process("other", held)
	both, first, second := w.tableOf("both"), w.tableOf("first"), w.tableOf("second")
	one.table(both)
	one.table(first)
	other.table(both)
	other.table(second)
	until(t, "all partitions once", func() bool {
		mine, theirs := len(held.of("both").held("one")), len(held.of("both").held("other"))
		return len(held.of("first").held("one")) == 3 && len(held.of("second").held("other")) == 3 && mine+theirs == 3 && min(mine, theirs) == 1
	})
	other.leave()
	until(t, "the shared table here", func() bool { return len(held.of("both").held("one")) == 3 })
	held.checkOnce(t)
}

func TestOffsetsAreInTheGroupOfTheTable(t *testing.T) {
	w := newWorld(t, 2)
	one := w.process("one", newLedgers())
	for i, name := range []string{"a", "b"} {
		h, _ := one.table(w.tableOf(name))
		for range 2 {
			a := <-h.last
			a.Mark(int64(10*i) + int64(a.Partition) + 1)
		}
	}
	until(t, "the offsets of both tables", func() bool {
		return maps.Equal(w.offsetsOf("a"), map[int32]int64{0: 1, 1: 2}) && maps.Equal(w.offsetsOf("b"), map[int32]int64{0: 11, 1: 12})
	})
}

func (w *world) offsetsOf(group string) map[int32]int64 {
	w.t.Helper()
	out := map[int32]int64{}
	offsets, err := kadm.NewClient(w.client).FetchOffsets(w.t.Context(), group)
	if err != nil {
		return out
	}
	offsets.Each(func(o kadm.OffsetResponse) { out[o.Partition] = o.At })
	return out
}

// A group that has members has owners of its partitions, which know nothing of the group of all tables.
func TestATableWaitsForTheMembersOfAnOlderVersion(t *testing.T) {
	w := newWorld(t, 1)
	old, err := w.options.Kafka.Client(kgo.ConsumerGroup(w.table.Names.Group), kgo.ConsumeTopics(sourceTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Close)
	members := func() int {
		g := w.broker.Faults().GroupInfo(w.table.Names.Group)
		if g == nil {
			return 0
		}
		return len(g.Members)
	}
	until(t, "the old member", func() bool { return members() == 1 })
	var mu sync.Mutex
	var waits error
	w.table.Waits = func(err error) {
		mu.Lock()
		defer mu.Unlock()
		waits = err
	}
	waiting := func() bool {
		mu.Lock()
		defer mu.Unlock()
		var e *OldMembersError
		return errors.As(waits, &e)
	}
	held := newLedgers()
	h, _ := w.process("one", held).table(w.table)
	until(t, "a table that waits", waiting)
	old.Close()
	a := <-h.last
	until(t, "a table that does not wait", func() bool { return !waiting() })

	// One that comes later is met where its offsets are committed.
	older, err := w.options.Kafka.Client(kgo.ConsumerGroup(w.table.Names.Group), kgo.ConsumeTopics(sourceTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(older.Close)
	until(t, "another old member", func() bool { return members() == 1 })
	a.Mark(5)
	until(t, "a table that is given up", func() bool { return waiting() && len(held.of("orders").held("one")) == 0 })
	older.Close()
	until(t, "the partition again", func() bool { return len(held.of("orders").held("one")) == 1 })
}

// What the group has lost, or has from an owner of before, is committed again.
func TestOffsetsAreCommittedAgain(t *testing.T) {
	w := newWorld(t, 1)
	p := w.process("one", newLedgers())
	h, _ := p.table(w.table)
	a := <-h.last
	a.Mark(7)
	committed := func() bool { return w.offsetsOf("orders")[0] == 7 }
	until(t, "the offset", committed)
	w.processed(3, w.table.Changelog.ID) // a late commit
	p.member.compareNow(t.Context())
	until(t, "the higher offset again", committed)
	if _, err := kadm.NewClient(w.client).DeleteGroups(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	p.member.compareNow(t.Context())
	until(t, "the offset of a group that is gone", committed)

	o := a.table.offsets
	o.mu.Lock()
	o.parts[0].at = time.Now().Add(-2 * renewEvery)
	o.mu.Unlock()
	p.member.compareNow(t.Context())
	until(t, "an old offset renewed", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return time.Since(o.parts[0].at) < renewEvery
	})
}

// stubborn holds its partitions for as long as it likes.
type stubborn struct {
	release chan struct{}
	last    chan *Assignment
}

func (s *stubborn) Assigned(ctx context.Context, a *Assignment) {
	s.last <- a
	<-ctx.Done()
	<-s.release
}

func TestAPartitionThatIsNotGivenBackHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, 2)
	w.options.giveBackWithin = 2 * time.Second
	held := newLedgers()
	one, other := w.process("one", held), w.process("other", held)
	stuck, moves := w.tableOf("stuck"), w.tableOf("moves")
	s := &stubborn{release: make(chan struct{}), last: make(chan *Assignment, 2)}
	table := one.member.Table(stuck, s)
	w.runs(table)
	defer close(s.release)
	assignments := []*Assignment{<-s.last, <-s.last}
	one.table(moves)
	until(t, "the table that moves", func() bool { return len(held.of("moves").held("one")) == 2 })
	began := time.Now()
	other.table(stuck)
	other.table(moves)
	until(t, "a partition that moves", func() bool { return len(held.of("moves").held("other")) == 1 })
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it has moved after %s only", took)
	}
	until(t, "the partition that is stuck", func() bool { return len(held.of("stuck").held("other")) == 1 })
	moved := held.of("stuck").held("other")[0]
	for _, a := range assignments {
		done := make(chan error, 1)
		a.Producer.Send(&kgo.Record{Topic: stuck.Names.Table, Partition: a.Partition, Value: []byte("v")}, func(_ *kgo.Record, err error) { done <- err })
		if err := <-done; (err != nil) != (a.Partition == moved) {
			t.Errorf("partition %d, of which %d has moved, is written with %v", a.Partition, moved, err)
		}
	}
}

// An eviction ends what is held, and what is written under it; then the process joins again.
func TestAMemberThatIsLostBeginsAgain(t *testing.T) {
	w := newWorld(t, 2)
	held := newLedgers()
	p := w.process("one", held)
	h, _ := p.table(w.table)
	a := <-h.last
	<-h.last
	id := w.broker.Faults().GroupInfo(w.options.Kafka.MembersGroup()).Members[0].MemberID
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = w.options.Kafka.MembersGroup()
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID = id
	req.Members = append(req.Members, m)
	if _, err := req.RequestWith(t.Context(), w.client); err != nil {
		t.Fatal(err)
	}
	until(t, "both partitions again", func() bool { return held.begins("orders") == 4 && len(held.of("orders").held("one")) == 2 })
	done := make(chan error, 1)
	a.Producer.Send(&kgo.Record{Topic: w.table.Names.Table, Value: []byte("v")}, func(_ *kgo.Record, err error) { done <- err })
	if err := <-done; err == nil {
		t.Error("it writes under the membership that was lost")
	}
	a.Mark(9)
	p.member.compareNow(t.Context())
	if next := a.table.offsets.due(); len(next) > 0 {
		t.Errorf("it commits %v under the membership that was lost", next)
	}
	held.checkOnce(t)
}

func TestOneTableIsAskedForOnceInAProcess(t *testing.T) {
	w := newWorld(t, 1)
	p := w.process("one", newLedgers())
	h, _ := p.table(w.table)
	<-h.last
	if err := p.member.Table(w.table, h).Run(t.Context()); !errors.Is(err, ErrTaken) {
		t.Errorf("a second time: %v", err)
	}
	if !slices.Equal(h.ledger.held("one"), []int32{0}) {
		t.Error("the first one has lost it")
	}
}
