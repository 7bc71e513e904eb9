package wire

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs"
)

func TestOriginAndRepartitionedStayReadable(t *testing.T) {
	o, err := ParseOrigin(goldenBytes(t, "origin"))
	if want := everyOrigin(); err != nil || o.Partition != want.Partition || o.Offset != want.Offset || o.Time != want.Time ||
		string(o.Key) != string(want.Key) || string(o.NewKey) != string(want.NewKey) || !o.Alone || o.Omitted != want.Omitted {
		t.Errorf("%+v, %v", o, err)
	}
	r, err := ParseRepartitioned(goldenBytes(t, "rekeyed"))
	if want := everyRepartitioned(); err != nil || r.Partition != want.Partition || r.Source != want.Source || r.Clock != want.Clock || !slices.Equal(r.Keyed, want.Keyed) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRestoreMakesTheSourcesRecord(t *testing.T) {
	for _, key := range [][]byte{nil, {}, []byte("k")} {
		o := Origin{Partition: 7, Offset: 42, Time: 1_700_000_000_123, Key: key, NewKey: []byte("{}")}
		r := &codecs.Record{Topic: "t-keyed", Partition: 1, Offset: 9, Key: []byte("canonical"), Headers: []codecs.Header{
			{Name: OriginName, Value: []byte("the source's own")}, {Name: OriginName, Value: AppendOrigin(nil, o)},
		}}
		if _, err := Restore(r, "source"); err != nil {
			t.Fatal(err)
		}
		if r.Topic != "source" || r.Partition != 7 || r.Offset != 42 || !r.Time.Equal(time.UnixMilli(o.Time)) || (r.Key == nil) != (key == nil) || string(r.Key) != string(key) {
			t.Errorf("restored %+v", r)
		}
		if len(r.Headers) != 2 || string(r.Headers[0].Value) != "the source's own" || r.Headers[1].Name != codecs.NewKeyHeader {
			t.Errorf("headers %+v", r.Headers)
		}
	}
	var e *codecs.Error
	for _, r := range []*codecs.Record{{}, {Headers: []codecs.Header{{Name: OriginName, Value: []byte{1, 1}}}}, {Headers: []codecs.Header{{Name: OriginName, Value: AppendOrigin(nil, Origin{Omitted: 5})}}}} {
		if _, err := Restore(r, "source"); !errors.As(err, &e) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	f.Add(AppendOrigin(nil, everyOrigin()))
	f.Add(AppendRepartitioned(nil, everyRepartitioned()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o, err := ParseOrigin(b); err == nil {
			if again, err := ParseOrigin(AppendOrigin(nil, o)); err != nil || again.Offset != o.Offset {
				t.Fatalf("%+v became %+v, %v", o, again, err)
			}
		}
		if p, err := ParseRepartitioned(b); err == nil && len(p.Keyed) > len(b) {
			t.Fatalf("%d offsets of %d bytes", len(p.Keyed), len(b))
		}
	})
}
