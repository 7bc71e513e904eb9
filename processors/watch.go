package processors

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// checkSource compares the source topic with what is remembered of it: by this
// process, and by the group, whose offsets are marked with the topic's id.
func (p *Processor) checkSource(ctx context.Context, client *kgo.Client, source kafka.Topic) error {
	if p.before != nil {
		if err := source.Since(*p.before); err != nil {
			return err
		}
	}
	offsets, err := kadm.NewClient(client).FetchOffsets(ctx, p.names.Group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return fmt.Errorf("read the offsets of group %s: %w", p.names.Group, err)
	}
	for _, o := range offsets[source.Name] {
		was, err := hex.DecodeString(o.Metadata)
		if err != nil || len(was) != len(source.ID) {
			continue
		}
		old := kafka.Topic{Name: source.Name, Partitions: source.Partitions, ID: [16]byte(was)}
		if err := source.Since(old); err != nil {
			return err
		}
	}
	p.before = &source
	return nil
}

// watch returns an error once the source topic is not the one it was. While it
// cannot be seen, nothing is known: a broker may be away.
func (p *Processor) watch(ctx context.Context, client *kgo.Client, source kafka.Topic) error {
	tick := time.NewTicker(p.opts.WatchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := kafka.Describe(ctx, client, source.Name)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			p.status.whole(err)
			p.opts.Logger.Warn("source topic not seen", "error", err)
			continue
		}
		if err := now.Since(source); err != nil {
			return err
		}
		p.status.whole(nil)
	}
}
