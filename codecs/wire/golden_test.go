package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// everyValue is one value of every kind, as they are in a values section.
func everyValue() []tables.Value {
	return []tables.Value{
		{}, tables.BoolValue(true), tables.Int64Value(-2), tables.Float64Value(1.5), tables.DecimalValue(tables.DecimalFromInt64(-300)),
		tables.StringValue("é"), tables.JSONValue(`{"a":1}`), tables.BytesValue("\x00\xff"),
		tables.UUIDValue([16]byte{0xa0, 0xee, 15: 0x11}), tables.DateValue(19782), tables.TimeValue(86_400_000_000),
		tables.TimestampValue(math.MinInt64), tables.UnavailableValue(),
	}
}

func everyRow() *tables.Row {
	return &tables.Row{
		Values: everyValue(), Document: []byte(`{"id":1}`), Offset: 300, Time: 1_700_000_000_000_000, Hidden: true,
		Source: tables.SourcePosition{Kind: tables.SourceMySQL, Snapshot: true, Major: 3, Minor: 154, Sub: 2},
	}
}

func everyControl() Control {
	return Control{
		Kind: TruncateControl, Batch: 300, Started: -1, Trigger: "demand", Partition: 7, Offset: 128, Time: 5,
		Source: tables.SourcePosition{Kind: tables.SourcePostgres, Snapshot: true, Minor: 1 << 40},
	}
}

// streamedRow is what a snapshot writes over a row that was streamed.
func streamedRow() *tables.Row {
	return &tables.Row{
		Values: []tables.Value{tables.Int64Value(1)}, Offset: 5,
		Source:   tables.SourcePosition{Kind: tables.SourcePostgres, Snapshot: true, Minor: 300},
		Streamed: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 200}, StreamedTime: 77,
	}
}

func everyImageControl() Control {
	c := everyControl()
	c.Kind, c.OldKey, c.NewKey, c.Body, c.Final = BeforeImageFound, "old", "new", "row", true
	return c
}

func everyHealth() Health {
	return Health{
		Rows: 1_000_000, DeadLetters: 300, Settled: 2, Skipped: 7, Unsettled: 1, BestRows: 900, BestDeadLetters: 3,
		CountedUntil: 1_000_400, SettledUntil: 12,
		Troubles: []tables.Trouble{
			{Reason: tables.PartitionRefused, Text: "declare the partitioner", Stops: true}, {Reason: tables.SchemaDrift, Text: "é"},
		},
	}
}

func everyDeletion() Deletion {
	return Deletion{
		Read: 1_700_000_000_000_000, Time: -5, Source: tables.SourcePosition{Kind: tables.SourceMySQL, Snapshot: true, Major: 3, Minor: 154, Sub: 2},
		NewKey: "new", Truncate: true, Partition: 7, Offset: 128,
	}
}

func everyOutrun() []Outrun {
	return []Outrun{
		{Key: "k1", Later: tables.Precedence{
			Source: tables.SourcePosition{Kind: tables.SourceMySQL, Major: 3, Minor: 154, Sub: 2, Epoch: 0xdeadbeef, Serial: 300},
			Time:   1_700_000_000_000_000, Logged: 1_700_000_000_005_000,
		}},
		{Key: "k2", Later: tables.Precedence{Source: tables.SourcePosition{Kind: tables.SourcePostgres, Snapshot: true, Minor: 1}, Time: -5}},
	}
}

// givenUp is what the tombstone of a row says that another partition has a later change of.
func givenUp() Deletion {
	return Deletion{
		Read: 1_700_000_000_000_000, Time: 1_700_000_000_000_000, GivenUp: true, Logged: 1_700_000_000_005_000, SourcePartition: 3,
		Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 154, Epoch: 0xdeadbeef},
	}
}

func appendGivenUp() []byte {
	d := givenUp()
	return AppendDeletion(nil, &d)
}

func everyGiveUp() Control {
	return Control{Kind: GiveUp, Batch: 17, Started: 5, Partition: 7, Body: string(AppendOutruns(nil, everyOutrun()))}
}

func everyDeadLetterRequest() DeadLetterRequest {
	return DeadLetterRequest{ID: "id", Action: DropDeadLetters, Offsets: []int64{0, 5, 300}}
}

func everyManifest() Manifest {
	return Manifest{
		Batch: 17, Partition: 2, Partitions: 8, Source: 1204, Changelog: 998, Snapshot: 37, Rows: 1_000_000, Changed: 12,
		Checksum: 0x0102030405060708, Started: 1_700_000_000_000_000, Finished: 1_700_000_001_000_000, Fingerprint: 0xdeadbeef, Trigger: "schedule",
	}
}

func everyProgress() Progress {
	return Progress{
		Partition: 3, Source: 1204, Changelog: 998, Clock: 1_700_000_000_000_000, Generation: 9,
		Position: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 24_023_128},
	}
}

func everyOrigin() Origin {
	return Origin{Partition: 3, Offset: 1204, Time: 1000, Key: []byte("abc"), Alone: true, NewKey: []byte("def"), Omitted: 16384}
}

func everyRepartitioned() Repartitioned {
	return Repartitioned{Partition: 3, Source: 1204, Keyed: []int64{2, 300, 0}, Clock: 1_700_000_000_000_000}
}

// golden are the bytes of version 1 of every format. They never change: what is
// in topics and on disk must stay readable. A new version adds a line.
var golden = map[string]string{
	"values":        "0002010303043ff80000000000000502fed40602c3a907077b2261223a317d080200ff09a0ee00000000000000000000000000110a8cb5020b8080bbdd83050cffffffffffffffffff0100",
	"state row":     "011fdeadbeefac028080f2818389850602039a0102010ccb000002010303043ff80000000000000502fed40602c3a907077b2261223a317d080200ff09a0ee00000000000000000000000000110a8cb5020b8080bbdd83050cffffffffffffffffff01007b226964223a317d",
	"small row":     "010000000001050082000302",
	"control":       "0102ac02010664656d616e640e80020a01010080808080802000",
	"streamed row":  "01380000000105000100ac02000100c801009a0182000302",
	"image control": "0105ac02010664656d616e640e80020a01010080808080802000036f6c64036e657701726f77",
	"deletion":      "01038080f281838985060902039a01020e80026e6577",
	"letters":       "0102026964000ace04",
	"outruns":       "01026b310002039a0102deadbeefac028080f28183898506010a026b32010100010000000000000900",
	"give up":       "0108110a000e0000000000000000000001026b310002039a0102deadbeefac028080f28183898506010a026b32010100010000000000000900",
	"given up":      "01148080f281838985068080f2818389850601009a0100deadbeef0003010a",
	"manifest":      "01110410e812cc0f4a80897a188080f281838985068089ec82838985060102030405060708deadbeef087363686564756c65",
	"manifest key":  "000000000000001100000002",
	"progress":      "0106e812cc0f8080f28183898506000000090100d8a0ba0b00",
	"progress key":  "00000003",
	"health":        "0109c0843dac02020701840703d0873d0c020101176465636c6172652074686520706172746974696f6e6572090002c3a9",
	"stamp":         "00000000000004b40000000905",
	"origin":        "010f06e812d00f0361626303646566808001",
	"rekeyed":       "0106e8128080f281838985060302ac0200",
	"snapshot":      "01ac02010203",
	"canonical key": "028000000000000001026100ff620001",
	"row hash":      "1a5fdec6cd8f4de3",
}

func appendEveryDeletion() []byte {
	d := everyDeletion()
	return AppendDeletion(nil, &d)
}

func appendEveryHealth() []byte {
	h := everyHealth()
	return AppendHealth(nil, &h)
}

func written() map[string][]byte {
	row := AppendStateRow(nil, 0xdeadbeef, everyRow())
	key := tables.EncodeKey(tables.Int64Value(1), tables.StringValue("a\x00b"))
	hash := RowHash(key, AppendValues(nil, everyValue()))
	return map[string][]byte{
		"values":        AppendValues(nil, everyValue()),
		"state row":     row,
		"small row":     AppendStateRow(nil, 1, &tables.Row{Values: []tables.Value{tables.Int64Value(1)}, Offset: 5}),
		"streamed row":  AppendStateRow(nil, 1, streamedRow()),
		"control":       AppendControl(nil, everyControl()),
		"image control": AppendControl(nil, everyImageControl()),
		"deletion":      appendEveryDeletion(),
		"letters":       AppendDeadLetterRequest(nil, everyDeadLetterRequest()),
		"outruns":       AppendOutruns(nil, everyOutrun()),
		"give up":       AppendControl(nil, everyGiveUp()),
		"given up":      appendGivenUp(),
		"manifest":      AppendManifest(nil, everyManifest()),
		"manifest key":  AppendManifestKey(nil, 17, 2),
		"progress":      AppendProgress(nil, everyProgress()),
		"progress key":  AppendProgressKey(nil, 3),
		"health":        appendEveryHealth(),
		"stamp":         AppendStamp(nil, Stamp{Offset: 1204, Generation: 9, Instance: 5}),
		"origin":        AppendOrigin(nil, everyOrigin()),
		"rekeyed":       AppendRepartitioned(nil, everyRepartitioned()),
		"snapshot":      AppendSnapshotRecord(nil, 300, []byte{1, 2, 3}),
		"canonical key": []byte(key),
		"row hash":      {byte(hash >> 56), byte(hash >> 48), byte(hash >> 40), byte(hash >> 32), byte(hash >> 24), byte(hash >> 16), byte(hash >> 8), byte(hash)},
	}
}

func TestFormatsWriteTheirGoldenBytes(t *testing.T) {
	for name, b := range written() {
		if got := hex.EncodeToString(b); got != golden[name] {
			t.Errorf("%s is written as\n%s\nwant\n%s", name, got, golden[name])
		}
	}
}

func goldenBytes(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(golden[name])
	if err != nil || len(b) == 0 {
		t.Fatalf("no golden bytes of %q: %v", name, err)
	}
	return b
}

func sameValues(a, b []tables.Value) bool { return slices.Equal(a, b) }

func TestVersion1StaysReadable(t *testing.T) {
	s, err := ParseStateRow(goldenBytes(t, "state row"))
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.Row(nil)
	want := everyRow()
	if err != nil || s.Fingerprint != 0xdeadbeef || !sameValues(row.Values, want.Values) || !bytes.Equal(row.Document, want.Document) ||
		row.Offset != want.Offset || row.Time != want.Time || row.Source != want.Source || !row.Hidden {
		t.Errorf("state row: %+v %v", row, err)
	}
	values, err := DecodeValues(nil, goldenBytes(t, "values"))
	wantValues := everyValue()
	wantValues[len(wantValues)-1] = tables.Value{} // unavailable is null there
	if err != nil || !sameValues(values, wantValues) {
		t.Errorf("values: %v %v", values, err)
	}
	if c, err := ParseControl(goldenBytes(t, "control")); err != nil || c != everyControl() {
		t.Errorf("control: %+v %v", c, err)
	}
	if s, err := ParseStateRow(goldenBytes(t, "streamed row")); err != nil || s.Streamed != streamedRow().Streamed || s.StreamedTime != 77 {
		t.Errorf("streamed row: %+v %v", s, err)
	}
	if c, err := ParseControl(goldenBytes(t, "image control")); err != nil || c != everyImageControl() {
		t.Errorf("image control: %+v %v", c, err)
	}
	if d, err := ParseDeletion(goldenBytes(t, "deletion")); err != nil || d != everyDeletion() {
		t.Errorf("deletion: %+v %v", d, err)
	}
	if c, err := ParseControl(goldenBytes(t, "give up")); err != nil || c != everyGiveUp() {
		t.Errorf("give up: %+v %v", c, err)
	}
	if d, err := ParseDeletion(goldenBytes(t, "given up")); err != nil || d != givenUp() || !IsGivenUp(goldenBytes(t, "given up")) {
		t.Errorf("given up: %+v %v", d, err)
	}
	if o, err := ParseOutruns(goldenBytes(t, "outruns")); err != nil || !slices.Equal(o, everyOutrun()) {
		t.Errorf("outruns: %+v %v", o, err)
	}
	if q, err := ParseDeadLetterRequest(goldenBytes(t, "letters")); err != nil || !reflect.DeepEqual(q, everyDeadLetterRequest()) {
		t.Errorf("letters: %+v %v", q, err)
	}
	if m, err := ParseManifest(goldenBytes(t, "manifest")); err != nil || m != everyManifest() {
		t.Errorf("manifest: %+v %v", m, err)
	}
	if b, p, err := ParseManifestKey(goldenBytes(t, "manifest key")); err != nil || b != 17 || p != 2 {
		t.Errorf("manifest key: %d %d %v", b, p, err)
	}
	if p, err := ParseProgress(goldenBytes(t, "progress")); err != nil || p != everyProgress() {
		t.Errorf("progress: %+v %v", p, err)
	}
	if h, err := ParseHealth(goldenBytes(t, "health")); err != nil || !reflect.DeepEqual(h, everyHealth()) {
		t.Errorf("health: %+v %v", h, err)
	}
	for text, best := range map[string]int64{ // of older processors, with fewer counts
		"0105c0843dac02020701020101176465636c6172652074686520706172746974696f6e6572090002c3a9":       0,
		"0107c0843dac02020701840703020101176465636c6172652074686520706172746974696f6e6572090002c3a9": 900,
	} {
		older, _ := hex.DecodeString(text)
		if h, err := ParseHealth(older); err != nil ||
			h.Rows != 1_000_000 || h.Unsettled != 1 || h.BestRows != best || h.CountedUntil != 0 || len(h.Troubles) != 2 {
			t.Errorf("health of an older processor: %+v %v", h, err)
		}
	}
	if s, err := ParseStamp(goldenBytes(t, "stamp")); err != nil || s != (Stamp{Offset: 1204, Generation: 9, Instance: 5}) {
		t.Errorf("stamp: %+v %v", s, err)
	}
	if b, row, err := ParseSnapshotRecord(goldenBytes(t, "snapshot")); err != nil || b != 300 || !bytes.Equal(row, []byte{1, 2, 3}) {
		t.Errorf("snapshot: %d %v %v", b, row, err)
	}
}

// parsers read each format and write it again.
func parsers() map[string]func(b []byte) ([]byte, error) {
	return map[string]func(b []byte) ([]byte, error){
		"state row": func(b []byte) ([]byte, error) {
			s, err := ParseStateRow(b)
			if err != nil {
				return nil, err
			}
			row, err := s.Row(nil)
			if err != nil {
				return nil, err
			}
			return AppendStateRow(nil, s.Fingerprint, &row), nil
		},
		"values": func(b []byte) ([]byte, error) {
			v, err := DecodeValues(nil, b)
			return AppendValues(nil, v), err
		},
		"control": func(b []byte) ([]byte, error) {
			c, err := ParseControl(b)
			return AppendControl(nil, c), err
		},
		"deletion": func(b []byte) ([]byte, error) {
			d, err := ParseDeletion(b)
			return AppendDeletion(nil, &d), err
		},
		"letters": func(b []byte) ([]byte, error) {
			q, err := ParseDeadLetterRequest(b)
			return AppendDeadLetterRequest(nil, q), err
		},
		"outruns": func(b []byte) ([]byte, error) {
			o, err := ParseOutruns(b)
			return AppendOutruns(nil, o), err
		},
		"manifest": func(b []byte) ([]byte, error) {
			m, err := ParseManifest(b)
			return AppendManifest(nil, m), err
		},
		"manifest key": func(b []byte) ([]byte, error) {
			batch, p, err := ParseManifestKey(b)
			return AppendManifestKey(nil, batch, p), err
		},
		"progress": func(b []byte) ([]byte, error) {
			p, err := ParseProgress(b)
			return AppendProgress(nil, p), err
		},
		"health": func(b []byte) ([]byte, error) {
			h, err := ParseHealth(b)
			return AppendHealth(nil, &h), err
		},
		"stamp": func(b []byte) ([]byte, error) {
			s, err := ParseStamp(b)
			return AppendStamp(nil, s), err
		},
		"snapshot": func(b []byte) ([]byte, error) {
			batch, row, err := ParseSnapshotRecord(b)
			return AppendSnapshotRecord(nil, batch, row), err
		},
	}
}

func TestFormatsReadWhatTheyWrite(t *testing.T) {
	for name, again := range parsers() {
		b := goldenBytes(t, name)
		if got, err := again(b); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: %x %v", name, got, err)
		}
	}
}

func TestCutAndUnknownBytesAreCorrupt(t *testing.T) {
	open := map[string]bool{"snapshot": true, "values": true, "deletion": true, "letters": true, "outruns": true} // whose end nothing in them marks
	for name, again := range parsers() {
		b := goldenBytes(t, name)
		for n := range b {
			if _, err := again(b[:n]); err == nil && !open[name] && !(name == "state row" && n >= len(b)-len(everyRow().Document)) {
				t.Errorf("%s cut to %d bytes is read", name, n)
			} else if err != nil && !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			}
		}
		if strings.HasSuffix(name, "key") || name == "values" || name == "stamp" {
			continue
		}
		other := slices.Clone(b)
		other[0]++
		if _, err := again(other); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s of version %d: %v", name, other[0], err)
		}
	}
	row := AppendStateRow(nil, 7, repartitionedRow())
	at := bytes.Index(row, []byte{1, 5, 1}) // the flags of the place, its home, and that a time follows
	if at < 0 {
		t.Fatalf("no place in %x", row)
	}
	row[at] |= 0x80
	if _, err := ParseStateRow(row); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a state row with an unknown flag: %v", err)
	}
}

func TestLongRowsKeepTheirValues(t *testing.T) {
	for _, n := range []int{0, 100, 127, 128, 16_370, 16_383, 16_384, 100_000} {
		row := &tables.Row{Values: []tables.Value{tables.StringValue(strings.Repeat("x", n)), tables.UnavailableValue()}}
		s, err := ParseStateRow(AppendStateRow([]byte("before"), 1, row)[len("before"):])
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Row(make([]tables.Value, 5))
		if err != nil || !sameValues(got.Values, row.Values) || got.Document != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func TestUnavailableDoesNotChangeARowsHash(t *testing.T) {
	hash := func(v tables.Value) uint64 {
		s, err := ParseStateRow(AppendStateRow(nil, 1, &tables.Row{Values: []tables.Value{tables.Int64Value(1), v}}))
		if err != nil {
			t.Fatal(err)
		}
		return RowHash(tables.EncodeKey(tables.Int64Value(1)), s.ValueBytes)
	}
	if hash(tables.Value{}) != hash(tables.UnavailableValue()) {
		t.Error("it does")
	}
	if hash(tables.Value{}) == hash(tables.BoolValue(false)) {
		t.Error("null and false have one hash")
	}
}

func TestAnIncrementalSnapshotRowStaysOne(t *testing.T) {
	row := &tables.Row{Values: []tables.Value{tables.Int64Value(1)}, Source: tables.SourcePosition{Snapshot: true}}
	s, err := ParseStateRow(AppendStateRow(nil, 1, row))
	if err != nil || s.Source != row.Source {
		t.Errorf("%+v %v", s.Source, err)
	}
}

func TestFingerprintTellsColumnsApart(t *testing.T) {
	a := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", "timestamp", "epoch_us"))
	seen := map[uint32]string{Fingerprint(a): "itself"}
	for name, c := range map[string]tables.Column{
		"name": codectest.Column(t, "y", "timestamp", "epoch_us"), "type": codectest.Column(t, "x", "date", "epoch_us"),
		"path": codectest.Column(t, "x", "timestamp", "epoch_us", "p.x"), "encoding": codectest.Column(t, "x", "timestamp", "epoch_ms"),
	} {
		b := *a
		b.Columns = []tables.Column{a.Columns[0], c}
		if was, ok := seen[Fingerprint(&b)]; ok {
			t.Errorf("another %s has the fingerprint of %s", name, was)
		}
		seen[Fingerprint(&b)] = name
	}
	index := *a
	index.Columns = slices.Clone(a.Columns)
	index.Columns[1].Index = true
	if Fingerprint(&index) != Fingerprint(a) {
		t.Error("an index changes what a row holds")
	}
}

func FuzzFormats(f *testing.F) {
	names := []string{"state row", "values", "control", "manifest", "manifest key", "progress", "stamp", "snapshot"}
	for i, name := range names {
		b, err := hex.DecodeString(golden[name])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), b)
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		again := parsers()[names[int(which)%len(names)]]
		once, err := again(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if twice, err := again(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x is read and written as %x, then %x: %v", b, once, twice, err)
		}
	})
}
