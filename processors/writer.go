package processors

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// deliveryTimeout bounds how long a record may wait for its acknowledgement. It is
// below the rebalance timeout: a revoked partition waits for what it has in flight.
const deliveryTimeout = 12 * time.Second

// outgoing is one record on its way to a topic of ours, with an explicit partition.
type outgoing struct {
	rec  kgo.Record
	hdrs [1]kgo.RecordHeader
}

// acked is called once per record, in the order of the records of a partition; offset is -1 with an error.
type acked func(offset int64, err error)

// writer is the producer of one member's session in the group. All partitions that
// the member owns share it; it dies with the session.
type writer struct {
	client *kgo.Client
	lease  *lease
}

func newWriter(s kafka.Settings, l *lease, linger time.Duration) (*writer, error) {
	plain := s
	plain.TLS = kafka.TLS{} // the dialer below does it, under the lease
	config, err := s.Sarama()
	if err != nil {
		return nil, err
	}
	dial := leasedDial(l, nil)
	if config.Net.TLS.Enable {
		dial = leasedDial(l, config.Net.TLS.Config)
	}
	client, err := plain.Client(
		kgo.Dialer(dial),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(linger),
		kgo.MaxBufferedRecords(maxBuffered),
		kgo.MaxBufferedBytes(max(maxBufferedBytes, 2*s.MaxRecordBytes())),
		kgo.RecordDeliveryTimeout(deliveryTimeout),
		kgo.AllowIdempotentProduceCancellation(), // what lands late is found by the contiguity guard
	)
	if err != nil {
		return nil, fmt.Errorf("open the producer: %w", err)
	}
	return &writer{client: client, lease: l}, nil
}

const (
	maxBuffered      = 20_000
	maxBufferedBytes = 64 << 20
)

// send hands a record to the producer. It blocks while the buffer is full. No
// context cuts it short: a partition that is given back waits for what it has sent,
// and whoever has lost the session closes the writer.
func (w *writer) send(o *outgoing, done acked) {
	if err := w.lease.check(); err != nil {
		done(-1, err)
		return
	}
	w.client.Produce(context.Background(), &o.rec, func(r *kgo.Record, err error) {
		if err != nil {
			done(-1, err)
			return
		}
		done(r.Offset, nil)
	})
}

// close fails everything that is buffered.
func (w *writer) close() { w.client.Close() }
