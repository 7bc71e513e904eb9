package torture

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
			total[fmt.Sprintf("rounds: %s, %s", p.kind, p.partitioner)]++
			t.Cleanup(func() {
				if t.Failed() {
					t.Log("the same dice once more:", again(p.seed, kafka != nil))
				}
			})
			cluster := harness.NewCluster
			if addrs != "" {
				cluster = func(t testing.TB) *harness.Cluster { return harness.Connect(t, strings.Split(addrs, ",")) }
			}
			(&round{T: t, plan: p, cluster: cluster(t), kafka: kafka, total: total}).play()
		})
	}
	for _, what := range slices.Sorted(maps.Keys(total)) {
		t.Logf("%8d %s", total[what], what)
	}
}

// again is the command that plays a seed once more. The dice are the same then; what happens at which moment is not.
func again(seed uint64, real bool) string {
	if real {
		return fmt.Sprintf("%s=%d make torture ROUNDS=1", seedVariable, seed)
	}
	return fmt.Sprintf("%s=%d %s=1 go test -count=1 -v ./integration/torture", seedVariable, seed, roundsVariable)
}
