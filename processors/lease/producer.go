package lease

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// deliveryTimeout bounds how long a record may wait for its acknowledgement. It is
// below the rebalance timeout: a revoked partition waits for what it has in flight.
const deliveryTimeout = 12 * time.Second

// Producer is the producer of one member's session in the group. All partitions that
// the member owns share it, each by a part of it; it dies with the session.
type Producer struct {
	client  *kgo.Client
	lease   *Lease
	revoked atomic.Bool
}

// Open opens a producer whose connections are under the lease.
func Open(s kafka.Settings, l *Lease, linger time.Duration) (*Producer, error) {
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
	return &Producer{client: client, lease: l}, nil
}

const (
	maxBuffered      = 100_000 // of all tables: one whose partition has no leader must not hold up the others
	maxBufferedBytes = 64 << 20
)

// Send hands a record with an explicit partition to the producer. It blocks while the buffer is full. No
// context cuts it short: a partition that is given back waits for what it has sent,
// and a member that has lost the session closes the producer. sent is called once per record, in
// the order of the records of a partition; without an error the record has its offset.
func (p *Producer) Send(rec *kgo.Record, sent func(rec *kgo.Record, err error)) {
	err := p.lease.check()
	if p.revoked.Load() {
		err = ErrRevoked
	}
	if err != nil {
		sent(rec, err)
		return
	}
	p.client.Produce(context.Background(), rec, sent)
}

// Part returns the producer of one partition, which shares the client. Only the whole is closed.
func (p *Producer) Part() *Producer { return &Producer{client: p.client, lease: p.lease} }

// Revoke fails what is sent from now on.
func (p *Producer) Revoke() { p.revoked.Store(true) }

// Close fails everything that is buffered.
func (p *Producer) Close() { p.client.Close() }
