package bus

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
)

// desk is what a run is for a bus.
type desk struct {
	*Bus
	said       []string
	background []func()
}

func newDesk() *desk {
	d := &desk{}
	d.Bus = New(Options{
		Finish:     func(at int64) error { d.say("finished %d", at); return nil },
		Unreadable: func(at int64, _ error) { d.say("unreadable %d", at) },
		Begin:      func(f func()) bool { d.background = append(d.background, f); return true },
		Fail:       func(err error) { d.say("failed: %v", err) },
	})
	return d
}

func (d *desk) say(format string, args ...any) { d.said = append(d.said, fmt.Sprintf(format, args...)) }

func (d *desk) record(c wire.Control) error {
	return d.Record(7, 70, wire.AppendControl(nil, c), func(err error) { d.say("released: %v", err) })
}

func (d *desk) want(t *testing.T, want ...string) {
	t.Helper()
	if fmt.Sprint(d.said) != fmt.Sprint(want) {
		t.Errorf("said %q, want %q", d.said, want)
	}
}

func TestARecordGoesToTheHandlerOfItsKind(t *testing.T) {
	d := newDesk()
	d.Handle(wire.Barrier, func(r Record, done Done) error {
		d.say("batch %d at %d, fed %d", r.Batch, r.At, r.Fed)
		return done.Now()
	})
	if err := d.record(wire.Control{Kind: wire.Barrier, Batch: 3}); err != nil {
		t.Fatal(err)
	}
	d.want(t, "released: <nil>", "batch 3 at 7, fed 70", "finished 7")
}

func TestAHeldRecordIsReleasedByItsHandler(t *testing.T) {
	d := newDesk()
	var held Done
	d.HandleHeld(wire.TruncateControl, func(_ Record, done Done) error {
		held = done
		return nil
	})
	if err := d.record(wire.Control{Kind: wire.TruncateControl}); err != nil {
		t.Fatal(err)
	}
	d.want(t)
	held.When(nil)
	held.Release(nil)
	d.want(t, "released: <nil>")
	for _, f := range d.background {
		f()
	}
	d.want(t, "released: <nil>", "finished 7")
	held.When(errors.New("not written"))
	d.want(t, "released: <nil>", "finished 7", "failed: not written")
}

func TestARecordThatNobodyCanUseIsDone(t *testing.T) {
	d := newDesk()
	if err := d.record(wire.Control{Kind: wire.BeforeImageNone}); err != nil {
		t.Fatal(err)
	}
	d.want(t, "released: <nil>", "finished 7")
	d = newDesk()
	d.HandleHeld(0, func(Record, Done) error { return errors.New("it is no record") })
	if err := d.Record(9, 0, []byte("no control record"), func(err error) { d.say("released: %v", err) }); err != nil {
		t.Fatal(err)
	}
	d.want(t, "unreadable 9", "released: <nil>", "finished 9")
}

func TestAnEventComesAsItWasSent(t *testing.T) {
	for _, want := range []Event{
		{Kind: Repair, Key: "a key with blanks\x00"}, {Kind: WaitOver, Offset: 1 << 60}, {Kind: Reread}, {Kind: Whole, Offset: -1, Key: ""},
	} {
		d := newDesk()
		var got Event
		d.On(want.Kind, func(e Event) error {
			got = e
			return nil
		})
		offset, key := want.Carried()
		if !IsEvent(offset) {
			t.Errorf("%+v looks like a record", want)
		}
		if err := d.Event(offset, string(key), nil); err != nil || got != want {
			t.Errorf("%+v came as %+v, %v", want, got, err)
		}
	}
}

func TestAnEventThatNobodyDealsWithIsAnError(t *testing.T) {
	d := newDesk()
	offset, key := Event{Kind: Adopt}.Carried()
	if err := d.Event(offset, string(key), nil); err == nil {
		t.Error("it is passed over")
	}
	if err := d.Event(offset, "no number", nil); err == nil {
		t.Error("a message that is no event is taken for one")
	}
}
