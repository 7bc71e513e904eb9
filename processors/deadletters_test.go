package processors

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// narrow makes the table one that cannot hold some values: the column v is a number.
func (w *world) narrow() {
	t := *w.table
	t.Columns = append([]tables.Column(nil), t.Columns...)
	t.Columns[1].Type, t.Columns[1].Encoding = tables.Type{Kind: tables.Int64}, ""
	w.table = &t
}

func (w *world) outstanding() []deadletter.Entry {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	out, err := deadletter.List(ctx, w.settings, w.table, deadletter.Query{})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// settle deals with dead letters and returns the results by source offset.
func (w *world) settle(action wire.DeadLetterAction, deadLetters ...deadletter.Entry) map[int64]deadletter.Answer {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	out := map[int64]deadletter.Answer{}
	if err := deadletter.Settle(ctx, w.settings, w.table, action, deadLetters, func(a deadletter.Answer) { out[a.Offset] = a }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestDeadLettersAreTriedAgainWithTodaysConfiguration(t *testing.T) {
	w := newWorld(t, 1)
	wide := w.table
	w.narrow()
	w.produce(
		full(1, "text", "b", 10),                                // 0: comes to be applied
		full(2, "text", "b", 20),                                // 1: has a newer row by then
		full(2, "22", "b", 21),                                  // 2
		full(3, "text", "b", 30),                                // 3: has a newer deletion by then
		full(3, "33", "b", 31),                                  // 4
		rowOf("d", 3, 32),                                       // 5
		full(4, "44", "b", 40),                                  // 6: gets a later value
		full(4, "text", "b", 41),                                // 7
		&kgo.Record{Key: keyJSON(5), Value: []byte("no event")}, // 8: stays one
	)
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	if n := len(w.outstanding()); n != 5 {
		t.Fatalf("%d dead letters, want 5", n)
	}
	i.stop()
	w.table = wide
	i = w.start(dir)
	w.caughtUp(i)
	got := w.settle(wire.RetryDeadLetters, w.outstanding()...)
	want := map[int64]string{0: deadletter.Applied, 1: deadletter.Older, 3: deadletter.Older, 7: deadletter.Applied, 8: deadletter.Failed}
	for offset, result := range want {
		if got[offset].Result != result {
			t.Errorf("offset %d: %s (%s), want %s", offset, got[offset].Result, got[offset].Error, result)
		}
	}
	left := w.outstanding()
	if len(left) != 1 || left[0].Offset != 8 || left[0].Result != deadletter.Failed || left[0].Error == "" {
		t.Errorf("left are %+v", left)
	}
	rows := w.changelog()
	if rows[1] != "text" || rows[4] != "text" {
		t.Errorf("rows %v", rows)
	}
	if _, back := rows[3]; back {
		t.Error("a deleted row came back")
	}
	if got := w.settle(wire.DropDeadLetters, left...); got[8].Result != deadletter.Dropped || len(w.outstanding()) > 0 {
		t.Errorf("dropped: %v, left: %v", got, w.outstanding())
	}
	if n := len(w.read(w.names.DeadLetters)); n != 5+5+1 {
		t.Errorf("%d records of dead letters and answers, want 11: none becomes another one", n)
	}
	before := w.changelog()
	i.stop()
	i = w.start(t.TempDir()) // which meets the requests once more
	w.caughtUp(i)
	until(t, "the requests dealt with", func() bool { return counter(t, i.metrics.deadLetters.Results.WithLabelValues(deadletter.Dropped)) > 0 })
	same(t, "rows", before, w.changelog())
}

func rowOf(op string, id, lsn int) *kgo.Record {
	return &kgo.Record{Key: keyJSON(id), Value: rowJSON(op, id, "", lsn)}
}

func TestADeadLetterWhoseDeletionMayBeForgottenIsRefused(t *testing.T) {
	w := newWorld(t, 1)
	wide := w.table
	w.narrow()
	old, now := time.Now().Add(-30*24*time.Hour), time.Now()
	at := func(r *kgo.Record, when time.Time) *kgo.Record {
		r.Timestamp = when
		return r
	}
	w.produce(
		at(full(1, "text", "b", 10), old), at(rowOf("d", 1, 20), old),
		at(full(2, "text", "b", 30), old), at(full(3, "3", "b", 40), old), at(full(3, "text", "b", 50), old),
		at(full(4, "text", "b", 60), now),
	)
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	w.table = wide
	w.start(dir)
	got := w.settle(wire.RetryDeadLetters, w.outstanding()...)
	// The deletion of key 1 is still known, key 2 has none that is known, key 3 has a row.
	for offset, want := range map[int64]string{0: deadletter.Older, 2: deadletter.Refused, 4: deadletter.Applied, 5: deadletter.Applied} {
		if got[offset].Result != want {
			t.Errorf("offset %d: %s (%s), want %s", offset, got[offset].Result, got[offset].Error, want)
		}
	}
	if !strings.Contains(got[2].Error, "replay") {
		t.Errorf("the refusal names no remedy: %s", got[2].Error)
	}
}

func TestADeadLetterFromBeforeATruncateIsOlder(t *testing.T) {
	for name, fresh := range map[string]bool{"with the state": false, "for a successor": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			wide := w.table
			w.narrow()
			w.produce(full(1, "text", "b", 10))
			w.produceRaw(&kgo.Record{Topic: sourceTopic, Value: truncateAt(50)})
			dir := t.TempDir()
			i := w.start(dir)
			w.caughtUp(i)
			i.stop()
			if w.table = wide; fresh {
				dir = t.TempDir()
			}
			w.start(dir)
			if got := w.settle(wire.RetryDeadLetters, w.outstanding()...); got[0].Result != deadletter.Older {
				t.Errorf("%+v", got)
			}
			same(t, "rows", map[int64]string{}, w.changelog())
		})
	}
}

func TestAValueThatWasLeftOutIsReadFromTheSource(t *testing.T) {
	w := newWorld(t, 1)
	wide := w.table
	w.narrow()
	// As the source accepted it, with a key and headers that leave no room for it beside ours.
	large := full(1, "text", strings.Repeat("x", 1000), 10)
	w.produce(large)
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	deadLetters := w.outstanding()
	rec := w.read(w.names.DeadLetters)[0]
	rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: deadletter.HeaderOmitted, Value: fmt.Append(nil, len(rec.Value))})
	w.produceRaw(&kgo.Record{Topic: w.names.DeadLetters, Partition: 0, Key: rec.Key, Headers: rec.Headers})
	w.table = wide
	w.start(dir)
	again := w.outstanding()
	if len(deadLetters) != 1 || len(again) != 1 || again[0].Omitted == 0 {
		t.Fatalf("%d dead letters, then %+v", len(deadLetters), again)
	}
	if got := w.settle(wire.RetryDeadLetters, again...); got[0].Result != deadletter.Applied {
		t.Errorf("%+v", got)
	}
	same(t, "rows", map[int64]string{1: "text"}, w.changelog())
}

func TestARequestWithoutAnOwnerStandsUntilThereIsOne(t *testing.T) {
	w := newWorld(t, 2)
	wide := w.table
	w.narrow()
	dir := t.TempDir()
	a, b := w.idsIn(0, 1)[0], w.idsIn(1, 1)[0]
	w.produce(full(a, "text", "b", 10), full(b, "text", "b", 10))
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	one := int32(1)
	deadLetters, err := deadletter.List(t.Context(), w.settings, w.table, deadletter.Query{Partition: &one, Clip: 3})
	if err != nil || len(deadLetters) != 1 || len(deadLetters[0].Value) != 3 {
		t.Fatalf("%+v, %v", deadLetters, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	w.table = wide
	if err := deadletter.Settle(ctx, w.settings, w.table, wire.RetryDeadLetters, deadLetters, func(deadletter.Answer) {}); err == nil {
		t.Error("there is an answer though nobody owns the partition")
	}
	w.start(dir)
	until(t, "the row", func() bool { return w.changelog()[int64(b)] == "text" })
	same(t, "rows", map[int64]string{int64(b): "text"}, w.changelog())
	until(t, "one dead letter left", func() bool { return len(w.outstanding()) == 1 })
}

func TestARetryFillsAndDeletesLikeAnyOtherChange(t *testing.T) {
	w := newWorld(t, 1)
	wide := w.table
	w.narrow()
	w.produce(full(1, "1", "large", 10), full(1, "text", placeholder, 20), full(2, "2", "b", 30))
	dir := t.TempDir()
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	w.table = wide
	i = w.start(dir)
	w.caughtUp(i)
	// The row was written with other columns: its values cannot be taken.
	if got := w.settle(wire.RetryDeadLetters, w.outstanding()...); got[1].Result != deadletter.Applied {
		t.Errorf("%+v", got)
	}
	if got := w.big()[1]; got != "unavailable" {
		t.Errorf("the large value is %q", got)
	}
	offsets, err := kadm.NewClient(w.client).FetchOffsets(t.Context(), w.names.Group)
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := offsets.Lookup(sourceTopic, 0); ok && o.At > 3 {
		t.Errorf("the group stands at %d", o.At)
	}
}
