package processors

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/tables"
)

// read returns everything a topic holds now.
func (w *world) read(topic string) []*kgo.Record {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	c, err := w.settings.Client()
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close() // tests read often while they wait
	var out []*kgo.Record
	if err := logread.All(ctx, c, topic, func(r *kgo.Record) error { out = append(out, r); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// caughtUp waits until the processors have finished everything that the source holds.
func (w *world) caughtUp(all ...*instance) {
	w.t.Helper()
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
	if err != nil {
		w.t.Fatal(err)
	}
	until(w.t, fmt.Sprintf("all of %v processed", ends), func() bool {
		reached := map[int32]int64{}
		for _, i := range all {
			for _, p := range i.Status().Partitions {
				reached[p.Partition] = max(reached[p.Partition], p.Source)
			}
		}
		for p, end := range ends {
			if reached[int32(p)] < end {
				return false
			}
		}
		return true
	})
}

// changelog returns the column v of the rows that the changelog ends in.
func (w *world) changelog() map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Table) {
		if r.Value == nil {
			delete(rows, string(r.Key))
		} else {
			rows[string(r.Key)] = r.Value
		}
	}
	return w.decode(rows)
}

func (w *world) decode(rows map[string][]byte) map[int64]string {
	w.t.Helper()
	out := map[int64]string{}
	for _, b := range rows {
		s, err := wire.ParseStateRow(b)
		if err != nil {
			w.t.Fatal(err)
		}
		row, err := s.Row(nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if !row.Hidden {
			out[row.Values[0].Int()] = row.Values[1].Str()
		}
	}
	return out
}

func same[K comparable](t *testing.T, what string, want, got map[K]string) {
	t.Helper()
	if maps.Equal(want, got) {
		return
	}
	n := 0
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			if n++; n <= 5 {
				t.Errorf("%s: %v is %q (there: %v), want %q", what, k, g, ok, v)
			}
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			if n++; n <= 5 {
				t.Errorf("%s: %v is %q, want none", what, k, g)
			}
		}
	}
	t.Fatalf("%s: %d rows differ; %d wanted, %d there", what, n, len(want), len(got))
}

// batch takes a batch and waits until it is complete.
func (w *world) batch() (uint64, []wire.Manifest) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	id, err := batch.Request(ctx, w.settings, w.table, batch.TriggerDemand)
	if err != nil {
		w.t.Fatal(err)
	}
	return id, w.manifests(id)
}

func (w *world) manifests(id uint64) []wire.Manifest {
	w.t.Helper()
	var out []wire.Manifest
	until(w.t, fmt.Sprintf("manifests of batch %d", id), func() bool {
		found := map[int32]wire.Manifest{}
		for _, r := range w.read(w.names.Batches) {
			m, err := wire.ParseManifest(r.Value)
			if err == nil && m.Batch == id {
				found[m.Partition] = m
			}
		}
		out = out[:0]
		for p := range w.parts {
			if m, ok := found[p]; ok {
				out = append(out, m)
			}
		}
		return len(out) == int(w.parts)
	})
	return out
}

// snapshot returns the rows of the snapshot topic, and checks that a batch's
// manifests tell their number and checksum.
func (w *world) snapshot(ms []wire.Manifest) map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Snapshot) {
		if r.Offset >= ms[r.Partition].Snapshot {
			continue
		}
		if r.Value == nil {
			delete(rows, string(r.Key))
			continue
		}
		_, row, err := wire.ParseSnapshotRecord(r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		rows[string(r.Key)] = row
	}
	var sum, wantSum uint64
	var wantRows int64
	for _, m := range ms {
		wantSum += m.Checksum
		wantRows += m.Rows
	}
	for k, b := range rows {
		s, err := wire.ParseStateRow(b)
		if err != nil {
			w.t.Fatal(err)
		}
		sum += wire.RowHash(tables.Key(k), s.ValueBytes)
	}
	if sum != wantSum || int64(len(rows)) != wantRows {
		w.t.Errorf("snapshot has %d rows and checksum %x, the manifests say %d and %x", len(rows), sum, wantRows, wantSum)
	}
	return w.decode(rows)
}

func stateOf(dir string, partition int32) string {
	return filepath.Join(dir, strconv.Itoa(int(partition)), stateDir)
}

func counter(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

func headers(r *kgo.Record) map[string]string {
	out := map[string]string{}
	for _, h := range r.Headers {
		out[h.Key] = string(h.Value)
	}
	return out
}

// longestGaps is, per partition, the longest time between two changelog records.
func (w *world) longestGaps() map[int32]time.Duration {
	last, out := map[int32]time.Time{}, map[int32]time.Duration{}
	for _, r := range w.read(w.names.Table) {
		if before, ok := last[r.Partition]; ok {
			out[r.Partition] = max(out[r.Partition], r.Timestamp.Sub(before))
		}
		last[r.Partition] = r.Timestamp
	}
	return out
}
