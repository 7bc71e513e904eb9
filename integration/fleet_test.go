package integration

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/integration/harness"
)

// fleet is several processes that serve one table under a load.
type fleet struct {
	t       *testing.T
	cluster *harness.Cluster
	load    *steadyLoad
	dice    *rand.Rand
	members map[string]*harness.Process
	batches map[uint64]listed   // as the first process that listed it did
	files   map[uint64][32]byte // hashes, of whom had it first
}

// listed is a batch as processes list it.
type listed struct {
	Batch    uint64
	Cut      map[string]int64
	Rows     int64
	Changed  int64
	Checksum string
	Started  string
	TookMS   int64 `json:"took_ms"`
	Bytes    int64
}

// role is a process that does only one half of the work.
func role(cfg harness.Config, name string) harness.Config {
	cfg.Extra = m{"roles": []string{name}}
	return cfg
}

// newFleet starts two processes that share the partitions and serve, and one that only serves.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	c := harness.NewCluster(t)
	topic := c.Topic(t, "shop.public.orders", 3)
	table := harness.Table("orders", topic, "debezium-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("v", "string", "index", true))
	table["batch"] = m{"schedule": "@on-demand", "keep": m{"last": 100}}
	table["sort_key"] = []string{"v"}
	cfg := harness.Config{Tables: []m{table}}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	f := &fleet{t: t, cluster: c, load: newLoad(c, topic, seed), dice: rand.New(rand.NewPCG(seed, 5)), batches: map[uint64]listed{}, files: map[uint64][32]byte{}, members: map[string]*harness.Process{
		"a": harness.New(t, c, cfg), "b": harness.New(t, c, cfg), "view": harness.New(t, c, role(cfg, "view")),
	}}
	for _, p := range f.members {
		p.Start()
	}
	for _, p := range f.members {
		p.WaitReady()
	}
	return f
}

// change makes n random changes of some keys.
func (f *fleet) change(keys, n int) {
	f.t.Helper()
	if err := f.load.some(keys, n); err != nil {
		f.t.Fatal(err)
	}
}

// take asks a process for a batch, and does not wait for it.
func (f *fleet) take(by string) uint64 {
	f.t.Helper()
	var b listed
	a := f.members[by].Expect(f.t, http.StatusAccepted, "POST", "/v1/tables/orders/batches", "")
	if err := json.Unmarshal(a.Body, &b); err != nil || b.Batch == 0 {
		f.t.Fatalf("%s: %v", a.Body, err)
	}
	return b.Batch
}

// again starts a process that was killed, in a directory of its own or in none.
func (f *fleet) again(name string, wiped bool) {
	f.t.Helper()
	p := f.members[name]
	if wiped {
		p.WipeData()
	}
	p.Start()
	p.WaitReady()
}

// listed waits until a process has the file of a batch, and returns what it lists.
func (f *fleet) listed(name string, newest uint64) map[uint64]listed {
	f.t.Helper()
	var out map[uint64]listed
	harness.Poll(f.t, time.Minute, fmt.Sprintf("a file of batch %d at %s", newest, name), func() bool {
		var list struct{ Data []listed }
		a := f.members[name].Get(f.t, "/v1/tables/orders/batches")
		if err := json.Unmarshal(a.Body, &list); err != nil {
			f.t.Fatal(err)
		}
		out = map[uint64]listed{}
		for _, b := range list.Data {
			out[b.Batch] = b
		}
		return out[newest].Bytes > 0
	})
	return out
}

// agree compares the batches of all processes up to the newest: what they list, their
// files, and of the newest and one more the rows. It returns how many each of them has.
func (f *fleet) agree(newest uint64) map[string]int {
	f.t.Helper()
	rows, has := map[uint64][]row{}, map[string]int{}
	for name, p := range f.members {
		list := f.listed(name, newest)
		has[name] = len(list)
		another := uint64(f.dice.IntN(int(newest)) + 1)
		for id, b := range list {
			file := p.Get(f.t, fmt.Sprintf("/v1/tables/orders/batches/%d.parquet", id)).Body
			f.known(name, b, file)
			if id != newest && id != another {
				continue
			}
			if rows[id] == nil {
				rows[id] = f.inFile(id, file)
			}
			got, err := p.Page("orders", fmt.Sprintf("as_of=%d", id))
			if err != nil {
				f.t.Fatal(err)
			}
			if diff := harness.Differences(rows[id], got, "id"); diff != "" || int64(len(got)) != b.Rows {
				f.t.Errorf("as of batch %d, %s has %d rows, its list says %d; against the file: %s", id, name, len(got), b.Rows, diff)
			}
		}
	}
	f.proven(newest)
	return has
}

// known compares a batch of a process with what was the same batch before, here or elsewhere.
func (f *fleet) known(name string, b listed, file []byte) {
	f.t.Helper()
	sum := sha256.Sum256(file)
	if _, known := f.batches[b.Batch]; !known {
		f.batches[b.Batch], f.files[b.Batch] = b, sum
	}
	if diff := cmp.Diff(f.batches[b.Batch], b); diff != "" {
		f.t.Errorf("%s lists batch %d otherwise (-first +%s):\n%s", name, b.Batch, name, diff)
	}
	if f.files[b.Batch] != sum {
		f.t.Errorf("the file of batch %d at %s differs from the one that was first", b.Batch, name)
	}
}

func (f *fleet) inFile(id uint64, file []byte) []row {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "batch.parquet")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		f.t.Fatal(err)
	}
	rows, err := harness.ReadParquet(path)
	if err != nil {
		f.t.Fatalf("batch %d: %v", id, err)
	}
	return rows
}

// proven compares a batch with the manifests that processors wrote.
func (f *fleet) proven(id uint64) {
	f.t.Helper()
	parts := map[int32]wire.Manifest{}
	for _, r := range f.cluster.ReadTopic(f.t, f.cluster.Prefix+"orders-batches") {
		if batch, p, err := wire.ParseManifestKey(r.Key); err == nil && batch == id && r.Value != nil {
			if parts[p], err = wire.ParseManifest(r.Value); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	var sum uint64
	var rows int64
	for p, one := range parts {
		sum, rows = sum+one.Checksum, rows+one.Rows
		if cut := f.batches[id].Cut[fmt.Sprint(p)]; cut != one.Source {
			f.t.Errorf("batch %d, partition %d: cut %d, the manifest says %d", id, p, cut, one.Source)
		}
	}
	if b := f.batches[id]; len(parts) != 3 || b.Rows != rows || b.Checksum != fmt.Sprintf("%016x", sum) {
		f.t.Errorf("batch %d is listed with %d rows and checksum %s; %d manifests say %d and %016x", id, b.Rows, b.Checksum, len(parts), rows, sum)
	}
}

// unbroken fails the test where a process had to build its rows again.
func (f *fleet) unbroken() {
	f.t.Helper()
	for name, p := range f.members {
		for _, metric := range []string{
			"tidemark_view_rebuilds_total", "tidemark_view_set_aside_total", "tidemark_store_checksum_mismatches_total",
		} {
			if n := counted(f.t, p, metric); n != 0 {
				f.t.Errorf("%s of %s is %d", metric, name, n)
			}
		}
	}
}

// same compares the newest rows of all processes with what the events end in.
func (f *fleet) same() {
	f.t.Helper()
	for name, p := range f.members {
		if diff := harness.Differences(f.load.want(), p.Rows(f.t, "orders", ""), "id"); diff != "" {
			f.t.Errorf("rows of %s: %s", name, diff)
		}
	}
}
