package kafka

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Franz returns franz-go's options for these settings, with extra ones behind,
// so that they win. The producer waits for all replicas, is idempotent, and does
// not linger; a consumer starts at the oldest record and reads committed ones only.
func (s Settings) Franz(extra ...kgo.Opt) ([]kgo.Opt, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("kafka settings: %w", err)
	}
	opts := []kgo.Opt{
		kgo.SeedBrokers(s.Brokers...),
		kgo.ClientID(s.clientID()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchMaxBytes(int32(s.MaxRecordBytes())),
		kgo.BrokerMaxWriteBytes(int32(max(usualRequest, s.topicBytes()))),
		kgo.BrokerMaxReadBytes(maxResponse),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableClientMetrics(),
	}
	tc, err := s.TLS.config()
	if err != nil {
		return nil, err
	}
	if tc != nil {
		opts = append(opts, kgo.DialTLSConfig(tc))
	}
	if s.SASL.Mechanism != "" {
		opts = append(opts, kgo.SASL(s.SASL.franz()))
	}
	return append(opts, extra...), nil
}

func (s SASL) franz() sasl.Mechanism {
	auth := scram.Auth{User: s.Username, Pass: s.Password}
	switch s.Mechanism {
	case ScramSHA256:
		return auth.AsSha256Mechanism()
	case ScramSHA512:
		return auth.AsSha512Mechanism()
	}
	return plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism()
}

// Client opens a franz-go client of these settings. The caller closes it.
func (s Settings) Client(extra ...kgo.Opt) (*kgo.Client, error) {
	opts, err := s.Franz(extra...)
	if err != nil {
		return nil, err
	}
	c, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("open a kafka client: %w", err)
	}
	return c, nil
}
