package batch

import (
	"maps"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// snapshot is what the snapshot topic has of each key: the batch that wrote it, or 0 for a tombstone.
func (p *partition) snapshot() map[string]uint64 {
	p.t.Helper()
	out := map[string]uint64{}
	for _, r := range p.read(names.Snapshot) {
		out[string(r.Key)] = 0
		if r.Value == nil {
			continue
		}
		batch, _, err := wire.ParseSnapshotRecord(r.Value)
		if err != nil {
			p.t.Fatal(err)
		}
		out[string(r.Key)] = batch
	}
	return out
}

func (p *partition) wantSnapshot(want map[string]uint64) {
	p.t.Helper()
	if got := p.snapshot(); !maps.Equal(got, want) {
		p.t.Errorf("the snapshot topic has %v, want %v", got, want)
	}
}

func TestABatchHasWhatItsCutHas(t *testing.T) {
	p := newPartition(t)
	p.begin(0)
	p.put("a", "1", 0)
	p.put("b", "1", 1)
	p.ask(1, 2)
	p.put("c", "behind the cut", 2)
	m := p.manifest(1)
	if m.Source != 2 || m.Changelog != 2 || m.Snapshot != 2 || m.Rows != 2 || m.Changed != 2 || m.Fingerprint != 7 {
		t.Errorf("the manifest is %+v", m)
	}
	p.wantSnapshot(map[string]uint64{"a": 1, "b": 1})

	p.put("b", "2", 3)
	p.remove("a", 4, nil)
	p.ask(2, 5)
	m = p.manifest(2)
	if m.Rows != 2 || m.Changed != 3 || m.Snapshot != 5 {
		t.Errorf("the manifest is %+v", m)
	}
	p.wantSnapshot(map[string]uint64{"a": 0, "b": 2, "c": 2})
	var want uint64
	for key, v := range map[string]string{"b": "2", "c": "behind the cut"} {
		row, err := wire.ParseStateRow(wire.AppendStateRow(nil, 7, &tables.Row{Values: []tables.Value{tables.StringValue(v)}}))
		if err != nil {
			t.Fatal(err)
		}
		want += wire.RowHash(tables.Key(key), row.ValueBytes)
	}
	if m.Checksum != want {
		t.Errorf("the checksum by differences is %x, that of the rows %x", m.Checksum, want)
	}
}

// Rows and checksum are counted anew where the state's differences are of another batch.
func TestABatchIsCountedAnewBehindOneOfAnotherOwner(t *testing.T) {
	p := newPartition(t)
	p.begin(0)
	p.put("a", "1", 0)
	p.ask(1, 1)
	p.manifest(1)
	p.catalog.Add(wire.Manifest{Batch: 2, Partitions: 1, Rows: 17, Checksum: 4711})
	p.put("b", "1", 1)
	p.ask(3, 2)
	if m := p.manifest(3); m.Rows != 2 || m.Changed != 1 {
		t.Errorf("the manifest is %+v", m)
	}
}

func TestATombstoneSaysWhatIsGoneWhereOthersMayHaveTheKey(t *testing.T) {
	of := map[string][]byte{
		"deleted":  wire.AppendDeletion(nil, &wire.Deletion{Time: 3, Source: tables.SourcePosition{Kind: 1, Major: 9}}),
		"given up": wire.AppendDeletion(nil, &wire.Deletion{Time: 3, SourcePartition: 2, GivenUp: true}),
	}
	bare := string(wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true}))
	for name, want := range map[string]map[string]string{
		"one partition": {"deleted": "", "given up": ""}, "several": {"deleted": string(of["deleted"]), "given up": bare},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPartition(t, func(o *Options) { o.Several = name == "several" })
			p.begin(0)
			for key, deletion := range of {
				p.put(key, "v", 0)
				p.remove(key, 1, deletion)
			}
			p.ask(1, 2)
			p.manifest(1)
			got := map[string]string{}
			for _, r := range p.read(names.Snapshot) {
				got[string(r.Key)] = ""
				for _, h := range r.Headers {
					got[string(r.Key)] = string(h.Value)
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("the tombstones say %q, want %q", got, want)
			}
		})
	}
}

// A manifest that is not taken leaves barrier and marks in the state: the batch is made of all
// the same rows later.
func TestABatchThatNobodyTakesIsTriedAgain(t *testing.T) {
	p := newPartition(t)
	p.begin(0)
	p.put("a", "1", 0)
	p.ask(1, 1)
	p.manifest(1)
	p.put("b", "1", 1)
	p.mu.Lock()
	p.refused = 1
	p.mu.Unlock()
	p.ask(2, 2)
	if m := p.manifest(2); m.Rows != 2 || m.Changed != 1 {
		t.Errorf("the manifest is %+v", m)
	}
	p.wantSnapshot(map[string]uint64{"a": 1, "b": 2})
	known, ok, err := p.state.Batches.Emitted()
	if err != nil || !ok || !known.Complete || known.Batch != 2 {
		t.Errorf("the state knows of %+v, %v, %v", known, ok, err)
	}
	if known.Epoch == 0 {
		t.Errorf("the batch's epoch is %d", known.Epoch)
	}
}
