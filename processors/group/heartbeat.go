package group

import (
	"context"
	"errors"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/processors/lease"
)

// beatEvery is the pace of the lease's own heartbeats.
const beatEvery = 500 * time.Millisecond

// keepLease renews the lease with heartbeats on a connection of its own: sarama's
// wait behind a JoinGroup, and do not report when they were answered.
func keepLease(ctx context.Context, l *lease.Lease, client *kgo.Client, group string, g sarama.ConsumerGroupSession) {
	defer client.Close()
	tick := time.NewTicker(min(beatEvery, l.Pace()))
	defer tick.Stop()
	for {
		sent := time.Now()
		if member := beat(ctx, client, group, g); member {
			l.Renew(sent)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// beat sends one heartbeat and reports whether the coordinator still counts the
// session's member. During a rebalance it does, and asks it to join again.
func beat(ctx context.Context, client *kgo.Client, group string, g sarama.ConsumerGroupSession) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = group, g.MemberID(), g.GenerationID()
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return false
	}
	err = kerr.ErrorForCode(resp.ErrorCode)
	if errors.Is(err, kerr.IllegalGeneration) {
		// A new generation may have begun between reading ours and the answer; the
		// member is known to the coordinator all the same.
		return g.GenerationID() != req.Generation
	}
	return err == nil || errors.Is(err, kerr.RebalanceInProgress)
}
