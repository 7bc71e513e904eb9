package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

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
	answers *answers
	mirrors []*mirror
	faults  *faults
}

func (r *round) play() {
	r.begin()
	r.disturb()
	r.settle()
	h, err := r.plan.readHistory(r.Context(), r.cluster.Addrs, r.topic, r.ends())
	if err == nil && h.repartitioned {
		err = r.readPlacements(h)
	}
	if err != nil {
		r.Fatal(err)
	}
	r.compare(h)
	r.finally(h)
	if r.plan.kind == compaction {
		taken, err := r.faults.compacted(r.Context())
		if err != nil {
			r.Fatal(err)
		}
		r.total["records taken by compaction"] += int(taken)
		r.total["rounds with compaction"] += min(1, int(taken))
	}
	r.clean()
}

func (r *round) begin() {
	r.topic = r.cluster.Topic(r.T, "source", r.plan.partitions)
	var err error
	if r.load, err = newWorkload(r.plan, r.cluster.Addrs, r.topic); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(r.load.close)
	r.answers = newAnswers()
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
				plan: r.plan, client: &p.Client, name: fmt.Sprintf("process %d", i+1), load: r.load, answers: r.answers,
				dice: rand.New(rand.NewPCG(r.plan.seed, uint64(10+2*i+j))),
			}
			readers.Go(func() { q.run(reading) })
		}
	}
	r.mirrors = r.plan.mirrors()
	for i, m := range r.mirrors {
		m.urls, m.dice = urls, rand.New(rand.NewPCG(r.plan.seed, uint64(30+i)))
		readers.Go(func() { m.run(reading) })
	}
	load.Go(func() { r.load.run(loading) })
	if r.faults.run(r.Context()); r.faults.broken != nil {
		r.Fatal(r.faults.broken)
	}
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
	out, err := endsOf(r.Context(), r.cluster.Admin(), r.topic)
	if err != nil {
		r.Fatal(err)
	}
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
			failures = append(failures, fmt.Sprintf("mirror %d (%s): %v", i+1, m.path, err))
		}
		r.total["stream events"] += m.stats.Events
		r.total["stream connections"] += m.stats.Connections
		r.total["stream resets"] += m.stats.Resets
		r.total["stream positions compared"] += m.stats.Compared
	}
	for what, n := range r.answers.more {
		r.total["answers: "+what] += n
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
