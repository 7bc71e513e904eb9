package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// faults happen to the processes and the brokers of a round, one after the other.
type faults struct {
	plan    plan
	dice    *rand.Rand
	all     []*harness.Process
	views   []*harness.Process // the last of all that only serve
	kafka   *stack.Kafka       // nil on the embedded broker, or one that is not ours
	cluster *harness.Cluster
	met     map[string]int
	broken  error // why the round cannot continue
}

// leastFaults happen in a round however slow the machine is.
const leastFaults = 3

func (f *faults) run(ctx context.Context) {
	end := time.Now().Add(f.plan.length)
	for n := 0; f.broken == nil && ctx.Err() == nil && (n < leastFaults || time.Now().Before(end)); n++ {
		pause(ctx, time.Duration(300+f.dice.IntN(1500))*time.Millisecond)
		name, do := f.draw(n == 0)
		f.met[name]++
		do(ctx)
	}
}

type deed = func(context.Context)

// draw picks one of the faults that belong to the round's kind; the first is the one that others do not have.
func (f *faults) draw(first bool) (string, deed) {
	p := f.all[f.dice.IntN(len(f.all))]
	away := time.Duration(f.dice.IntN(1500)) * time.Millisecond
	if f.plan.kind == compaction {
		p = f.views[f.dice.IntN(len(f.views))]
		away = time.Duration(1000+f.dice.IntN(4000)) * time.Millisecond
	}
	switch n := f.dice.IntN(100); {
	case f.plan.kind == brokers && f.kafka != nil && (first || n < 50):
		return f.broker()
	case f.plan.kind == replays && (first || n < 25):
		return "replay", func(context.Context) {
			_, _ = p.Do("POST", "/v1/tables/t/replay", "")
		}
	case n < 20:
		return "batch asked", func(context.Context) { _, _ = p.Do("POST", "/v1/tables/t/batches", "") }
	case n < 45:
		return "kill -9", func(ctx context.Context) { f.end(ctx, p.Kill, away, p) }
	case n < 55:
		return "SIGTERM", func(ctx context.Context) { f.end(ctx, p.Stop, away, p) }
	case n < 65:
		return "kill -9, data wiped", func(ctx context.Context) {
			f.end(ctx, func() { p.Kill(); p.WipeData() }, away, p)
		}
	case n < 72 && f.plan.kind != compaction:
		return "all killed", func(ctx context.Context) {
			for _, q := range f.all {
				q.Kill()
			}
			pause(ctx, away)
			for _, q := range f.all {
				q.Start()
			}
		}
	}
	return "SIGSTOP", func(ctx context.Context) {
		if f.plan.kind == processes && f.dice.IntN(5) == 0 {
			away = 8 * time.Second // longer than the session
		}
		p.Pause()
		pause(ctx, away)
		p.Continue()
	}
}

func (f *faults) end(ctx context.Context, how func(), away time.Duration, p *harness.Process) {
	how()
	pause(ctx, away)
	p.Start()
}

func (f *faults) broker() (string, deed) {
	b := f.kafka.Brokers[f.dice.IntN(len(f.kafka.Brokers))]
	limit := time.Duration(500+f.dice.IntN(3000)) * time.Millisecond
	if f.dice.IntN(3) == 0 {
		return "broker paused", func(ctx context.Context) {
			_ = syscall.Kill(b.PID(), syscall.SIGSTOP)
			pause(ctx, 2*limit)
			_ = syscall.Kill(b.PID(), syscall.SIGCONT)
		}
	}
	return "broker killed", func(ctx context.Context) {
		b.Kill()
		pause(ctx, limit)
		again, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := b.Restart(again); err != nil {
			f.broken = fmt.Errorf("the broker did not come back: %w", err)
		}
		pause(ctx, 2*time.Second) // readers look while everybody catches up
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// compact lets the broker's cleaner run over the topics with rows as soon as it may: records are safe from
// it for as long as the product asks for, in a scale of seconds instead of a minute.
func (f *faults) compact(ctx context.Context) error {
	set := func(k, v string) kadm.AlterConfig { return kadm.AlterConfig{Op: kadm.SetConfig, Name: k, Value: &v} }
	for _, topic := range []string{"t-table", "t-snapshot"} {
		out, err := f.cluster.Admin().AlterTopicConfigs(ctx, []kadm.AlterConfig{
			set("segment.ms", "500"), set("min.cleanable.dirty.ratio", "0.01"), set("min.compaction.lag.ms", "1500"),
			set("delete.retention.ms", "20000"),
		}, f.cluster.Prefix+topic)
		if err != nil {
			return err
		}
		for _, o := range out {
			if o.Err != nil {
				return o.Err
			}
		}
	}
	return nil
}

// compacted returns how many records of the topics with rows the cleaner has taken by now.
func (f *faults) compacted(ctx context.Context) (int64, error) {
	var taken int64
	for _, topic := range []string{"t-table", "t-snapshot"} {
		topic = f.cluster.Prefix + topic
		ends, err := endsOf(ctx, f.cluster.Admin(), topic)
		if err != nil {
			return 0, err
		}
		for _, end := range ends {
			taken += end
		}
		err = readBack(ctx, f.cluster.Addrs, topic, ends, func(*kgo.Record) error {
			taken--
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return taken, nil
}
