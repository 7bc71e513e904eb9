package kafka

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

// The pace of a consumer group. A member that is gone is missed after
// SessionTimeout; RebalanceTimeout is what a member has to give partitions back.
const (
	SessionTimeout    = 6 * time.Second
	HeartbeatInterval = 300 * time.Millisecond
	RebalanceTimeout  = 20 * time.Second // below sarama's read timeout of 30 s, over which JoinGroup waits
)

// readAnySize lets sarama read whatever a broker holds. Its limit belongs to the package and
// not to a client; a batch beyond it would stop its partition for good.
var readAnySize = sync.OnceFunc(func() { sarama.MaxResponseSize = math.MaxInt32 })

// Sarama returns sarama's configuration for these settings: a fresh one per
// call, since goka's builders change the one they are given.
//
// Its defaults lose, reorder or miss records; here a producer waits for all
// replicas and is idempotent with one request in flight, a consumer starts at
// the oldest record and reads committed ones only. The group strategy is left
// unset: a strategy is stateful, one for each group.
func (s Settings) Sarama() (*sarama.Config, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("kafka settings: %w", err)
	}
	readAnySize()
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.ClientID = s.clientID()
	c.ChannelBufferSize = 1024
	c.Metadata.AllowAutoTopicCreation = false

	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Idempotent = true
	c.Net.MaxOpenRequests = 1
	c.Producer.MaxMessageBytes = s.MaxRecordBytes()
	c.Producer.Compression = sarama.CompressionLZ4
	c.Producer.Flush.Frequency = 0 // waiting to fill a batch is paid in freshness
	c.Producer.Retry.Max = 10
	c.Producer.Return.Successes = true
	c.Producer.Return.Errors = true

	c.Consumer.Return.Errors = true
	c.Consumer.IsolationLevel = sarama.ReadCommitted
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.MaxWaitTime = 100 * time.Millisecond // also delays every new subscription
	group := &c.Consumer.Group
	group.Session.Timeout = SessionTimeout
	group.Heartbeat.Interval = HeartbeatInterval
	group.Rebalance.Timeout = RebalanceTimeout
	group.Rebalance.Retry.Backoff = 100 * time.Millisecond
	group.Rebalance.Strategy = nil // set, it would win over GroupStrategies in silence

	if err := s.saramaAccess(c); err != nil {
		return nil, err
	}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("kafka settings: %w", err)
	}
	return c, nil
}

// saramaAccess sets what makes the connection: encryption and identity.
func (s Settings) saramaAccess(c *sarama.Config) error {
	tc, err := s.TLS.config()
	if err != nil {
		return err
	}
	if tc != nil {
		c.Net.TLS.Enable = true
		c.Net.TLS.Config = tc
	}
	if s.SASL.Mechanism == "" {
		return nil
	}
	sasl := &c.Net.SASL
	sasl.Enable = true
	sasl.User, sasl.Password = s.SASL.Username, s.SASL.Password
	switch s.SASL.Mechanism {
	case Plain:
		sasl.Mechanism = sarama.SASLTypePlaintext
	case ScramSHA256:
		sasl.Mechanism = sarama.SASLTypeSCRAMSHA256
	case ScramSHA512:
		sasl.Mechanism = sarama.SASLTypeSCRAMSHA512
	}
	if s.SASL.Mechanism != Plain {
		sasl.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient {
			return &scramConversation{hash: scramHash(s.SASL.Mechanism)}
		}
	}
	return nil
}
