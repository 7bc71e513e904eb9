package rowwriter

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// broker keeps what is sent, until it is acknowledged.
type broker struct {
	next int64
	sent []func()
	recs []*kgo.Record
	fail error
}

func (b *broker) Send(rec *kgo.Record, sent func(*kgo.Record, error)) {
	b.recs = append(b.recs, rec)
	err := b.fail
	b.sent = append(b.sent, func() {
		rec.Offset = b.next
		b.next++
		sent(rec, err)
	})
}

func (b *broker) acknowledge() {
	for _, f := range b.sent {
		f()
	}
	b.sent = nil
}

func open(t *testing.T, b *broker) (w *Writer, s *state.Store, closeState func() error) {
	t.Helper()
	s, err := state.Open(state.Options{Dir: t.TempDir(), FlushBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	closeState = sync.OnceValue(s.Close)
	t.Cleanup(func() { _ = closeState() })
	w = New(Options{
		Producer: b, Topic: "t", Stamp: wire.Stamp{Generation: 3, Instance: 7}, Broken: func(error) {},
		KeptFrom: func(read int64) int64 { return read + 1 },
	})
	w.Open(s)
	w.StartAt(0)
	return w, s, closeState
}

// Goka waits for each promised acknowledgement: an acknowledgement that never comes would hold
// it up, and one that comes twice would be another record's.
func TestAWriteIsToldOnceWhateverFails(t *testing.T) {
	away := errors.New("away")
	writes := map[string]func(w *Writer, ack func(error)) error{
		"a row": func(w *Writer, ack func(error)) error { return w.Put("k", []byte("v"), state.Origin{Offset: 5}, ack) },
		"a deletion": func(w *Writer, ack func(error)) error {
			return w.Delete("k", &Deletion{From: state.Origin{Offset: 5}, Offset: 5}, ack)
		},
	}
	fails := map[string]func(w *Writer, b *broker, closeState func() error){
		"nothing":               func(*Writer, *broker, func() error) {},
		"the record":            func(_ *Writer, b *broker, _ func() error) { b.fail = away },
		"a record before it":    func(w *Writer, _ *broker, _ func() error) { w.log.fail(away) },
		"another writer writes": func(_ *Writer, b *broker, _ func() error) { b.next = 1 },
		"the state": func(_ *Writer, _ *broker, closeState func() error) {
			if err := closeState(); err != nil {
				t.Fatal(err)
			}
		},
	}
	for what, write := range writes {
		for which, fail := range fails {
			b := &broker{}
			w, s, closeState := open(t, b)
			fail(w, b, closeState)
			var reported []error
			err := write(w, func(err error) { reported = append(reported, err) })
			if (err != nil) != (which == "the state") {
				t.Errorf("%s, %s fails: returned %v", what, which, err)
			}
			b.acknowledge()
			if len(reported) != 1 || (reported[0] == nil) != (which == "nothing") {
				t.Errorf("%s, %s fails: told %v", what, which, reported)
			}
			if position := s.Position(); which != "nothing" && position != state.Unknown {
				t.Errorf("%s, %s fails: the state's position is %d", what, which, position)
			}
		}
	}
}

// The state's deletion and the changelog's tombstone say the same: whoever recovers knows as
// much as who wrote it.
func TestADeletionSaysTheSameInStateAndChangelog(t *testing.T) {
	b := &broker{}
	w, s, _ := open(t, b)
	if err := w.Put("k", []byte("v"), state.Origin{Offset: 4}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	d := Deletion{Says: wire.Deletion{Read: 99, NewKey: "n"}, From: state.Origin{Offset: 8}, Offset: 9, BeforeImage: []byte("image")}
	if err := w.Delete("k", &d, func(error) {}); err != nil {
		t.Fatal(err)
	}
	b.acknowledge()
	if row, err := s.Get("k"); row != nil || err != nil {
		t.Errorf("the row is %q, %v", row, err)
	}
	kept, ok, err := s.Tomb("k")
	if !ok || err != nil || kept.Offset != 9 || kept.Read != 100 {
		t.Fatalf("kept is %+v, %v, %v", kept, ok, err)
	}
	rec, headers := b.recs[1], map[string][]byte{}
	for _, h := range rec.Headers {
		headers[h.Key] = h.Value
	}
	if string(rec.Key) != "k" || rec.Value != nil || !bytes.Equal(headers[wire.DeletionName], kept.Deletion) || string(headers[wire.ImageName]) != "image" {
		t.Errorf("the record is %q %v %q", rec.Key, rec.Value, headers)
	}
	if stamp, err := wire.ParseStamp(headers[wire.StampName]); err != nil || stamp != (wire.Stamp{Offset: 8, Generation: 3, Instance: 7}) {
		t.Errorf("the stamp is %+v, %v", stamp, err)
	}
	if next, stamped := w.Progress(); next != 2 || stamped != 8 || s.Position() != 1 {
		t.Errorf("next %d, stamped %d, position %d", next, stamped, s.Position())
	}
}
