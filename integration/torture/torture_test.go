package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

const (
	roundsVariable = "TIDEMARK_TORTURE_ROUNDS"
	seedVariable   = "TIDEMARK_TORTURE_SEED"
)

func number(t *testing.T, variable string, byDefault int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return byDefault
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// TestEveryAnswerIsTheFoldAtItsPosition plays rounds on the embedded broker; with TIDEMARK_REAL set on a
// Kafka of its own, which is killed and cleans its logs, too.
func TestEveryAnswerIsTheFoldAtItsPosition(t *testing.T) {
	rounds := number(t, roundsVariable, 0)
	if rounds == 0 {
		t.Skip(roundsVariable + " is not set: make torture plays rounds by chance, which take some 40 s each")
	}
	kinds := []kind{processes, transactions, replays}
	var kafka *stack.Kafka
	addrs := ""
	if os.Getenv("TIDEMARK_REAL") != "" {
		kafka = stack.KafkaFor(t, stack.Options{HeapMB: 512, Settings: map[string]string{
			"log.cleaner.backoff.ms": "300", "log.cleaner.dedupe.buffer.size": "16777216",
		}})
		kinds = []kind{processes, transactions, compaction, replays, brokers}
		addrs = kafka.Addr
	}
	seed := number(t, seedVariable, int(time.Now().UnixNano()%1_000_000))
	total := map[string]int{}
	for i := range rounds {
		p := draw(uint64(seed+i), kinds)
		t.Run(fmt.Sprintf("seed=%d", p.seed), func(t *testing.T) {
			t.Log(p)
			cluster := harness.NewCluster
			if addrs != "" {
				cluster = func(t testing.TB) *harness.Cluster { return harness.Connect(t, strings.Split(addrs, ",")) }
			}
			(&round{T: t, plan: p, cluster: cluster(t), kafka: kafka, total: total}).play()
		})
	}
	t.Logf("in all rounds: %v", total)
}

// round is one table with its processes, readers and faults.
type round struct {
	*testing.T
	plan    plan
	cluster *harness.Cluster
	kafka   *stack.Kafka
	total   map[string]int

	topic   string
	load    *workload
	all     []*harness.Process
	answers answers
	mirrors []*mirror
	faults  *faults
}

func (r *round) play() {
	r.begin()
	r.disturb()
	r.settle()
	h, err := r.plan.readBack(r.Context(), r.cluster.Addrs, r.topic, r.ends())
	if err != nil {
		r.Fatal(err)
	}
	r.compare(h)
	r.finally(h)
	r.clean()
}

func (r *round) begin() {
	r.topic = r.cluster.Topic(r.T, "source", r.plan.partitions)
	var err error
	if r.load, err = newWorkload(r.plan, r.cluster.Addrs, r.topic); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(r.load.close)
	r.answers.other = map[int]int{}
	cfg := harness.Config{Tables: []harness.M{r.plan.table(r.topic)}}
	for range r.plan.processes {
		r.all = append(r.all, harness.Start(r.T, r.cluster, cfg))
	}
	cfg.Extra = harness.M{"roles": []string{"view"}}
	r.all = append(r.all, harness.Start(r.T, r.cluster, cfg))
	r.faults = &faults{
		plan: r.plan, dice: rand.New(rand.NewPCG(r.plan.seed, 3)), all: r.all, views: r.all[r.plan.processes:],
		kafka: r.kafka, cluster: r.cluster, met: map[string]int{},
	}
	if r.plan.kind == compaction {
		if err := r.faults.compact(r.Context()); err != nil {
			r.Fatal(err)
		}
	}
}

// disturb runs everything at once for the round's time. Faults end first, then the workload, and last
// the readers, when all has come to rest.
func (r *round) disturb() {
	var urls []string
	for _, p := range r.all {
		urls = append(urls, p.URL)
	}
	var readers, load sync.WaitGroup
	reading, stopReading := context.WithCancel(r.Context())
	defer stopReading()
	loading, stopLoading := context.WithCancel(r.Context())
	defer stopLoading()
	for i, p := range r.all {
		for j := range 2 {
			q := &reader{
				plan: r.plan, client: &p.Client, name: fmt.Sprintf("process %d", i+1), load: r.load, answers: &r.answers,
				dice: rand.New(rand.NewPCG(r.plan.seed, uint64(10+2*i+j))),
			}
			readers.Go(func() { q.run(reading) })
		}
	}
	for i := range 2 {
		m := &mirror{urls: urls, dice: rand.New(rand.NewPCG(r.plan.seed, uint64(30+i)))}
		r.mirrors = append(r.mirrors, m)
		readers.Go(func() { m.run(reading) })
	}
	load.Go(func() { r.load.run(loading) })
	during, cancel := context.WithTimeout(r.Context(), r.plan.length)
	defer cancel()
	r.faults.run(during)
	pause(r.Context(), time.Second)
	stopLoading()
	load.Wait()
	for _, p := range r.all {
		if p.Exited() {
			r.Fatal("a process ended by itself")
		}
		p.WaitReady()
	}
	pause(r.Context(), time.Second)
	stopReading()
	readers.Wait()
}

// ends returns Kafka's ends of the source topic, behind the markers of transactions.
func (r *round) ends() position {
	listed, err := r.cluster.Admin().ListEndOffsets(r.Context(), r.topic)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		r.Fatal(err)
	}
	out := position{}
	listed.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out
}

// settle waits until every process has all that the topic holds.
func (r *round) settle() {
	var parts []string
	for p, o := range r.ends() {
		if o > 0 {
			parts = append(parts, fmt.Sprintf("%d:%d", p, o))
		}
	}
	for i, p := range r.all {
		what := fmt.Sprintf("process %d at the ends %v", i+1, parts)
		harness.Poll(r.T, 2*time.Minute, what, func() bool {
			a, err := p.Do("GET", "/v1/tables/t/rows?limit=1", "", "Tidemark-Min-Position", strings.Join(parts, ","), "Tidemark-Wait", "5s")
			return err == nil && a.Status == 200
		})
	}
}

// compare looks at each answer.
func (r *round) compare(h *history) {
	failures := r.answers.broken
	for _, a := range r.answers.all {
		r.total["answers: "+a.what]++
		err := a.check(h)
		if err == nil {
			err = a.fresh(r.load.acked)
		}
		if err != nil {
			failures = append(failures, fmt.Sprintf("%s, %s at %v (%s): %v", a.process, a.what, a.at, a.state, err))
		}
	}
	for i, m := range r.mirrors {
		if err := m.check(h); err != nil {
			failures = append(failures, fmt.Sprintf("mirror %d: %v", i+1, err))
		}
		r.total["stream events"] += m.stats.Events
		r.total["stream connections"] += m.stats.Connections
		r.total["stream resets"] += m.stats.Resets
	}
	for name, n := range r.faults.met {
		r.total["faults: "+name] += n
	}
	r.total["events"] += r.load.stats.Events
	r.total["transactions committed"] += r.load.stats.Committed
	r.total["transactions aborted"] += r.load.stats.Aborted
	r.total["transactions left open"] += r.load.stats.Open
	for i, f := range failures {
		if i == 10 {
			r.Errorf("and %d more", len(failures)-i)
			break
		}
		r.Error(f)
	}
	r.Logf("%d answers, %d stream events, %v, no answer %v, %+v", len(r.answers.all), r.total["stream events"], r.faults.met, r.answers.other, r.load.stats)
}

// finally compares what all processes have at the end: rows, documents, and the file of a batch.
func (r *round) finally(h *history) {
	h.lenient = false // everything is complete
	var files []string
	taken := r.all[0].Expect(r.T, 201, "POST", "/v1/tables/t/batches?wait=30s", "")
	var b struct{ Batch int64 }
	if err := harness.Decode(taken.Body, &b); err != nil {
		r.Fatal(err)
	}
	for i, p := range r.all {
		q := &reader{plan: r.plan, client: &p.Client, name: fmt.Sprintf("process %d at the end", i+1), load: r.load, answers: &answers{other: map[int]int{}}, dice: rand.New(rand.NewPCG(r.plan.seed, uint64(40+i)))}
		for _, ask := range []func() error{q.list, q.aggregate, q.rollup} {
			if err := ask(); err != nil {
				r.Errorf("%s: %v", q.name, err)
			}
		}
		for _, a := range q.answers.all {
			if err := a.check(h); err != nil {
				r.Errorf("%s, %s: %v", q.name, a.what, err)
			}
		}
		var file harness.Answer
		harness.Poll(r.T, 30*time.Second, "file of the batch there", func() bool {
			var err error
			file, err = p.Do("GET", fmt.Sprintf("/v1/tables/t/batches/%d.parquet", b.Batch), "")
			return err == nil && file.Status == 200
		})
		files = append(files, string(file.Body))
		if files[0] != files[i] {
			r.Errorf("the file of batch %d is another one at process %d", b.Batch, i+1)
		}
	}
}

// clean frees the broker of the round's topics.
func (r *round) clean() {
	for _, p := range r.all {
		p.Kill()
	}
	topics, err := r.cluster.Admin().ListTopics(r.Context())
	if err != nil {
		return
	}
	var ours []string
	for _, name := range topics.Names() {
		if strings.HasPrefix(name, r.cluster.Prefix) {
			ours = append(ours, name)
		}
	}
	_, _ = r.cluster.Admin().DeleteTopics(r.Context(), ours...)
}
