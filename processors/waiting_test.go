package processors

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// avroWorld is a world whose records are Avro, with a registry that can be taken away.
type avroWorld struct {
	*world
	registry *srfake.Registry
	away     atomic.Bool
	client   *registry.Client
	schemas  map[uint32]*avro.Schema
}

const (
	avroKey   = `{"type":"record","name":"Key","fields":[{"name":"id","type":"long"}]}`
	avroRow   = `{"type":"record","name":"Value","fields":[{"name":"id","type":"long"},{"name":"v","type":["null","string"]}%s]}`
	avroAdded = `,{"name":"extra","type":["null","int"],"default":null}`
)

func newAvroWorld(t *testing.T) *avroWorld {
	t.Helper()
	w := &avroWorld{world: newWorld(t, 1), registry: srfake.New(), schemas: map[uint32]*avro.Schema{}}
	t.Cleanup(w.registry.Close)
	w.registry.Intercept(func(rw http.ResponseWriter, _ *http.Request) bool {
		if w.away.Load() {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	w.table.Source.Format = tables.UpsertAvro
	for id, text := range map[uint32]string{1: avroKey, 2: fmt.Sprintf(avroRow, ""), 3: fmt.Sprintf(avroRow, avroAdded)} {
		w.schemas[id] = avro.MustParse(text)
		w.registry.SeedSchema(fmt.Sprintf("subject-%d", id), 1, int(id), sr.Schema{Schema: text, Type: sr.TypeAvro})
	}
	var err error
	w.client, err = registry.New(registry.Options{Settings: registry.Settings{URL: w.registry.URL()}, Unknown: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.client.Close)
	return w
}

func (w *avroWorld) withRegistry(o *Options) { o.Schemas = w.client }

func (w *avroWorld) encode(id uint32, row map[string]any) []byte {
	w.t.Helper()
	b, err := w.schemas[id].AppendEncode([]byte{0, 0, 0, 0, byte(id)}, row)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *avroWorld) row(schema uint32, id int, v string) *kgo.Record {
	return &kgo.Record{
		Key:   w.encode(1, map[string]any{"id": int64(id)}),
		Value: w.encode(schema, map[string]any{"id": int64(id), "v": v, "extra": int32(1)}),
	}
}

func TestARegistryThatGoesAwayIsWaitedForInMidStream(t *testing.T) {
	w := newAvroWorld(t)
	w.produce(w.row(2, 1, "a"), w.row(2, 2, "a"))
	i := w.start(t.TempDir(), w.withRegistry)
	w.caughtUp(i)
	w.away.Store(true)
	w.produce(w.row(2, 1, "b"), w.row(3, 2, "b"), w.row(2, 2, "c"), w.row(2, 3, "c"))
	until(t, "the partition standing at the first record of an unknown schema", func() bool {
		p := partition(i, 0)
		return p.Source == 3 && p.Running && p.Waiting != nil && strings.Contains(p.Waiting.Error(), w.registry.URL())
	})
	same(t, "changelog", map[int64]string{1: "b", 2: "a"}, w.changelog())
	_, ms := w.batch() // a batch does not wait
	same(t, "batch", map[int64]string{1: "b", 2: "a"}, w.snapshot(ms))
	w.away.Store(false)
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "b", 2: "c", 3: "c"}, w.changelog())
	if p := partition(i, 0); p.Waiting != nil {
		t.Errorf("it still waits: %v", p.Waiting)
	}
	if n := len(w.read(w.names.DeadLetters)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestAnInstanceThatWaitsCanStopAndLosesNothing(t *testing.T) {
	w := newAvroWorld(t)
	w.away.Store(true)
	w.produce(w.row(2, 1, "a"), w.row(3, 2, "b"))
	dir := t.TempDir()
	i := w.start(dir, w.withRegistry)
	until(t, "the partition waiting", func() bool { return partition(i, 0).Waiting != nil })
	i.stop()
	w.away.Store(false)
	i = w.start(dir, w.withRegistry)
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "a", 2: "b"}, w.changelog())
}

func TestARecordOfAnUnknownSchemaIsADeadLetterThatNamesIt(t *testing.T) {
	w := newAvroWorld(t)
	w.schemas[9] = w.schemas[3]
	w.produce(w.row(2, 1, "a"), w.row(9, 2, "lost"), w.row(2, 3, "c"))
	i := w.start(t.TempDir(), w.withRegistry)
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{1: "a", 3: "c"}, w.changelog())
	dead := w.read(w.names.DeadLetters)
	if len(dead) != 1 || !strings.Contains(headers(dead[0])[deadletter.HeaderError], "schema id 9") || headers(dead[0])[deadletter.HeaderField] != "value" {
		t.Fatalf("%d dead letters", len(dead))
	}
	if string(dead[0].Value) != string(w.row(9, 2, "lost").Value) {
		t.Error("the dead letter is not the record as it was")
	}
}
