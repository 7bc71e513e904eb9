package apply

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// partition has a state and a row writer, whose changelog is a list; truncates and changes of key are its own fields.
type partition struct {
	*Applier
	t         *testing.T
	store     *state.Store
	changelog []string
	next      int64
	dead      []string
	outlived  bool
	emptied   int64
	asked     func(image []byte, acks *rowwriter.Acks) (bool, error)
	renamed   []string
}

func newPartition(t *testing.T) *partition {
	t.Helper()
	s, err := state.Open(state.Options{Dir: t.TempDir(), KeepDeletions: time.Hour, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &partition{t: t, store: s}
	rows := rowwriter.New(rowwriter.Options{Producer: p, Topic: "changelog", Broken: func(err error) { t.Error(err) }})
	rows.Open(s)
	rows.StartAt(0)
	metrics := instrument.Of("orders", nil)
	p.Applier = New(Options{
		Partitions: 2, Fingerprint: 7, Rows: rows, Truncates: p, BeforeImages: p, Asker: p, Answerer: p,
		Exceeds: func(_, value int) string {
			if value > 1000 {
				return "it is too large"
			}
			return ""
		},
		Dead: func(e *pending.Entry, done func(error)) {
			p.dead = append(p.dead, e.Field+": "+e.Reason)
			done(nil)
		},
		Events: new(events.Listener).EnsureDefaults(), Metrics: NewMetrics(metrics),
		FilledLate: keychange.NewMetrics(metrics).Inserts.WithLabelValues(keychange.FilledLate),
	})
	p.Open(s)
	return p
}

func (p *partition) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	what := string(rec.Key) + " gone"
	if rec.Value != nil {
		what = string(rec.Key) + " " + p.value(rec.Value)
	}
	p.changelog = append(p.changelog, what)
	rec.Offset = p.next
	p.next++
	sent(rec, nil)
}

func (p *partition) value(b []byte) string {
	p.t.Helper()
	s, err := wire.ParseStateRow(b)
	if err != nil {
		p.t.Fatal(err)
	}
	row, err := s.Row(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	var values []string
	for _, v := range row.Values {
		values = append(values, v.Str())
	}
	return strings.Join(values, " ")
}

func (p *partition) Outlived(*tables.Change, int32) bool { return p.outlived }
func (p *partition) Before(*tables.Change) bool          { return p.outlived }
func (p *partition) Emptied() int64                      { return p.emptied }
func (p *partition) Passes(*tables.Change)               {}

func (p *partition) Keep(c *tables.Change, row *tables.Row) ([]byte, error) {
	if row == nil {
		return nil, nil
	}
	return wire.AppendStateRow(nil, 7, row), nil
}

func (p *partition) Of(tables.Key, tables.Key, tables.SourcePosition) ([]byte, error) {
	return nil, nil
}

func (p *partition) Ask(_ *tables.Change, fold keychange.Fold, _ func(error)) { p.asked = fold }

func (p *partition) Deleted(old, new tables.Key) error {
	p.renamed = append(p.renamed, fmt.Sprint(old, " is now ", new))
	return nil
}

// upsert is an entry that gives a row of two texts.
func upsert(offset int64, key tables.Key, values ...string) *pending.Entry {
	e := &pending.Entry{Offset: offset, Action: pending.Fold}
	e.Change = tables.Change{Op: tables.Upsert, Key: key, Offset: offset}
	for _, v := range values {
		if v == "?" {
			e.Change.Incomplete = true
			e.Change.Values = append(e.Change.Values, tables.UnavailableValue())
			continue
		}
		e.Change.Values = append(e.Change.Values, tables.StringValue(v))
	}
	return e
}

func remove(offset int64, key tables.Key) *pending.Entry {
	e := &pending.Entry{Offset: offset, Action: pending.Fold}
	e.Change = tables.Change{Op: tables.Delete, Key: key, Offset: offset}
	return e
}

func (p *partition) apply(all ...*pending.Entry) {
	p.t.Helper()
	for _, e := range all {
		acks := rowwriter.NewAcks(func(err error) {
			if err != nil {
				p.t.Error(err)
			}
		})
		err := p.Apply(string(e.Change.Key), acks, e)
		acks.Close(err)
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *partition) wrote(want ...string) {
	p.t.Helper()
	if d := cmp.Diff(want, p.changelog); d != "" {
		p.t.Errorf("the changelog (-want +got):\n%s", d)
	}
	p.changelog = nil
}

func TestChangesBecomeRowsAndTombstones(t *testing.T) {
	p := newPartition(t)
	p.apply(upsert(1, "a", "one", "x"), upsert(2, "b", "two", "y"), upsert(3, "a", "more", "?"), remove(4, "b"), remove(5, "never"))
	p.wrote("a one x", "b two y", "a more x", "b gone", "never gone")
	p.outlived = true
	p.apply(upsert(6, "a", "from before a truncate", "z"))
	p.wrote()
}

// In a stretch that is read again what is newer stays, and what is equal is written again.
func TestWhatIsReadAgainLosesAgainstWhatIsNewer(t *testing.T) {
	p := newPartition(t)
	p.apply(upsert(1, "a", "one", "x"), upsert(2, "a", "two", "x"), remove(3, "b"))
	p.changelog = nil
	p.Begin(3, 1)
	p.apply(upsert(1, "a", "one", "x"), upsert(2, "a", "two", "x"), upsert(2, "b", "back", "?"))
	p.wrote("a two x")
}

func TestARowThatIsTooLargeIsADeadLetter(t *testing.T) {
	p := newPartition(t)
	p.apply(upsert(1, "a", "one", "x"), upsert(2, "a", strings.Repeat("x", 2000), "x"))
	p.wrote("a one x")
	if d := cmp.Diff([]string{"row: it is too large"}, p.dead); d != "" {
		t.Error(d)
	}
	p.apply(upsert(3, "a", "two", "?"))
	p.wrote("a two x")
}

// An insert that goes on a row of another partition waits for it, and is folded as what is known then says.
func TestAnInsertThatLacksValuesWaitsForThem(t *testing.T) {
	p := newPartition(t)
	e := upsert(1, "new", "one", "?")
	e.Change.OldKey = "old"
	p.apply(e)
	p.wrote()
	if p.asked == nil {
		t.Fatal("nobody was asked for the row under the old key")
	}
	image := wire.AppendStateRow(nil, 7, &tables.Row{Values: []tables.Value{tables.StringValue("was"), tables.StringValue("kept")}})
	acks := rowwriter.NewAcks(func(error) {})
	lacks, err := p.asked(image, acks)
	acks.Close(err)
	if lacks || err != nil {
		t.Errorf("lacks values: %t, %v", lacks, err)
	}
	p.wrote("new one kept")
	gone := remove(2, "new")
	gone.Change.NewKey = "newer"
	p.apply(gone)
	p.wrote("new gone")
	if d := cmp.Diff([]string{"new is now newer"}, p.renamed); d != "" {
		t.Error(d)
	}
}

// deadLetter keeps what was said of it.
type deadLetter struct{ said []string }

func (l *deadLetter) Resolve(result, reason, field string) { l.said = append(l.said, result) }
func (l *deadLetter) Fail(err error)                       { l.said = append(l.said, err.Error()) }

func TestADeadLetterIsFoldedUnlessSomethingNewerIsKnown(t *testing.T) {
	for name, tc := range map[string]struct {
		entry  *pending.Entry
		unread error
		from   int64
		change func(*partition)
		want   string
		wrote  []string
	}{
		"nothing is known of its key":      {entry: upsert(5, "new", "one", "x"), want: deadletter.Applied, wrote: []string{"new one x"}},
		"its row is older":                 {entry: upsert(5, "a", "two", "x"), want: deadletter.Applied, wrote: []string{"a two x"}},
		"its row is newer":                 {entry: upsert(5, "c", "two", "x"), want: deadletter.Older},
		"its row was deleted":              {entry: upsert(5, "d", "two", "x"), want: deadletter.Older},
		"deletions of then are not known":  {entry: upsert(5, "new", "one", "x"), from: 6, want: deadletter.Refused},
		"the table was emptied":            {entry: upsert(5, "new", "one", "x"), change: func(p *partition) { p.emptied = 6 }, want: deadletter.Older},
		"it is too large":                  {entry: upsert(5, "new", strings.Repeat("x", 2000), "x"), want: deadletter.Failed},
		"it is a truncate":                 {entry: &pending.Entry{Action: pending.Truncate}, want: deadletter.Refused},
		"it is of no row":                  {entry: &pending.Entry{Action: pending.Skip}, want: deadletter.Skipped},
		"it still cannot be used":          {entry: &pending.Entry{Action: pending.DeadLetter}, want: deadletter.Failed},
		"its record is not there any more": {unread: errors.New("gone"), want: deadletter.Failed},
		"it is outdated":                   {unread: deadletter.ErrOutdated, want: deadletter.Refused},
	} {
		p := newPartition(t)
		p.apply(upsert(1, "a", "one", "x"), upsert(9, "c", "one", "x"), remove(10, "d"))
		p.changelog = nil
		if tc.change != nil {
			tc.change(p)
		}
		l := &deadLetter{}
		if err := p.Retry(l, tc.from, tc.entry, tc.unread); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff([]string{tc.want}, l.said); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		p.wrote(tc.wrote...)
	}
}

func TestARepairWritesWhatTheStateHas(t *testing.T) {
	p := newPartition(t)
	p.apply(upsert(1, "a", "one", "x"), remove(2, "b"))
	p.changelog = nil
	for _, key := range []string{"a", "b", "nothing is known of it"} {
		acks := rowwriter.NewAcks(func(error) {})
		err := p.Repair(bus.Event{Kind: bus.Repair, Key: key, Message: acks})
		acks.Close(err)
		if err != nil {
			t.Error(err)
		}
	}
	p.wrote("a one x", "b gone")
}

// A row that was served without its before-image is filled when that comes, unless something newer was faster.
func TestAnImageThatComesLateFillsTheRow(t *testing.T) {
	image := wire.AppendStateRow(nil, 7, &tables.Row{Values: []tables.Value{tables.StringValue("was"), tables.StringValue("kept")}})
	for name, tc := range map[string]struct {
		late  Late
		newer *pending.Entry
		wrote []string
	}{
		"in time":              {late: Late{Offset: 1, Entry: upsert(1, "a", "one", "?"), BeforeImage: image}, wrote: []string{"a one kept"}},
		"behind another one":   {late: Late{Offset: 1, Entry: upsert(1, "a", "one", "?"), BeforeImage: image}, newer: upsert(2, "a", "two", "y")},
		"without its event":    {late: Late{Offset: 1, Err: errors.New("gone"), BeforeImage: image}},
		"of another structure": {late: Late{Offset: 1, Entry: upsert(1, "a", "one", "?"), BeforeImage: []byte("?")}},
	} {
		p := newPartition(t)
		p.apply(upsert(1, "a", "one", "?"))
		if tc.newer != nil {
			p.apply(tc.newer)
		}
		p.changelog = nil
		done := 0
		tc.late.Done = func(error) { done++ }
		if err := p.FoldLate(&tc.late); err != nil || done != 1 {
			t.Errorf("%s: %v, done %d times", name, err, done)
		}
		p.wrote(tc.wrote...)
	}
}
