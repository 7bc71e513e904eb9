package processors

import (
	"context"

	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/health"
)

// keepLetters takes the older generation's letters along that were neither retried nor dropped, of records before
// the stretch that is read again.
func (k *keeping) keepLetters(ctx context.Context) error {
	client, err := k.opts.Kafka.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	n, err := deadletter.Keep(ctx, deadletter.Old{
		Client: client, From: k.opts.Kafka.Names(k.filling.plan.From).DeadLetters, To: k.names.DeadLetters,
		Source: k.sourceTopic, Partition: k.partition, Before: k.filling.get().From, Clock: k.opts.Clock, Send: k.rows.Send,
	})
	if n > 0 && err == nil { // once, however often it was tried
		k.health.Source.More(health.Counts{Letters: int64(n)})
		k.logger.Info("dead letters of the older generation taken along", "count", n)
	}
	return err
}
