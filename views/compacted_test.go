package views_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/tables"
)

// TestNoStateThatNeverWas starts a view from a batch behind which the changelog is
// compacted: a row was written twice, and the first record is gone. Whoever waits for the
// first gets the second, and nobody gets a position after it with the batch's row. The
// records of an aborted transaction stand for those that are gone: nobody is given either.
func TestNoStateThatNeverWas(t *testing.T) {
	w := newWorld(t, 1)
	for id := range int64(10) {
		w.event(0, id, "batch", 0)
	}
	w.takeBatch()
	w.event(0, 1, "before", 0)
	written := w.sourceEvent(0) // of row 7; its record in the changelog is gone
	tx := w.newClient(kgo.TransactionalID("gone"))
	gone := &kgo.Record{Topic: w.names.Table, Partition: 0, Key: []byte(key(7)), Value: []byte("gone")}
	w.transaction(tx, kgo.TryAbort, gone)
	var recs []*kgo.Record
	const others = 20_000
	for i := range int64(others) {
		r := row{status: fmt.Sprint(i), offset: written + 1 + i}
		w.parts[0].rows[100+i%50] = r
		recs = append(recs, &kgo.Record{Topic: w.names.Table, Partition: 0, Key: []byte(key(100 + i%50)), Headers: stamp(r.offset), Value: w.stateRow(100+i%50, r)})
	}
	w.produce(recs...)
	var source []*kgo.Record
	for range others {
		source = append(source, &kgo.Record{Topic: sourceName, Partition: 0, Value: []byte("{}")})
	}
	w.produce(source...)
	w.event(0, 7, "newest", 0)

	v := w.view(t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	look := func() {
		snap := v.Snapshot()
		values, found := snap.Lookup(key(7), nil)
		if at := snap.Position().At(0); at > written && (!found || values[1].Str() != "newest") {
			t.Fatalf("row 7 is %v at position %d; it was written at %d", values, at, written)
		}
	}
	waited := make(chan error, 1)
	go func() { waited <- v.WaitPosition(ctx, tables.Position{written + 1}) }()
	for done := false; !done; {
		select {
		case err := <-waited:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		default:
		}
		look()
	}
	v.ready().is(w)
}
