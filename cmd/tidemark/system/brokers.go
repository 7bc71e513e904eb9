package system

import (
	"context"
	"log/slog"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
)

// brokerWatch says when no broker answers, once for the whole process and again every
// ten seconds, and when one does again. While none does, the parts keep what they have to
// say of it for who looks at the debug level.
type brokerWatch struct {
	pool    *logread.Pool
	brokers []string
	events  *events.Listener
	limits  *limits // nil where the log is another's
}

const (
	brokerLook   = 5 * time.Second // between two looks while all is well
	brokerHaste  = time.Second     // and while it is not
	brokerFirst  = time.Second     // how long the first answer is waited for before anything else starts
	brokerAnswer = 3 * time.Second
)

func newBrokerWatch(pool *logread.Pool, settings kafka.Settings, log *slog.Logger) *brokerWatch {
	w := &brokerWatch{pool: pool, brokers: settings.Brokers, events: events.Log(log.With("component", "brokers"))}
	if h, is := log.Handler().(*logLimit); is {
		w.limits = h.limits
	}
	return w
}

// look asks once, and says when it is another answer than before.
func (w *brokerWatch) look(ctx context.Context, patience time.Duration, away bool) bool {
	inner, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := w.pool.Client()
	if err == nil {
		err = client.Ping(inner)
	}
	if ctx.Err() != nil {
		return away
	}
	w.setAway(err != nil)
	switch {
	case err != nil:
		w.events.BrokersAway(events.BrokersAway{Text: kafka.Explain(w.brokers, err)})
	case away:
		w.events.BrokersBack(events.BrokersBack{Brokers: w.brokers})
	}
	return err != nil
}

func (w *brokerWatch) setAway(away bool) {
	if w.limits != nil {
		w.limits.away.Store(away)
	}
}

// run looks until the context ends. away is what the first look saw.
func (w *brokerWatch) run(ctx context.Context, away bool) error {
	for {
		wait := brokerLook
		if away {
			wait = brokerHaste
		}
		if retry.Pause(ctx, wait) != nil {
			return nil
		}
		away = w.look(ctx, brokerAnswer, away)
	}
}
