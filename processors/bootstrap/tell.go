package bootstrap

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/seed"
)

// note shows how far the filling is in this process.
func (p *Partition) note(s wire.Bootstrap) {
	p.opts.Note(s)
	p.opts.Metrics.show(s)
}

// record is how far the filling is, for the progress topic.
func (p *Partition) record() *kgo.Record {
	s := p.get()
	p.note(s)
	return &kgo.Record{
		Topic: p.opts.Names.Progress, Key: wire.AppendBootstrapKey(nil, p.opts.Partition), Value: wire.AppendBootstrap(nil, s),
		Headers: []kgo.RecordHeader{
			{Key: wire.SourceIDName, Value: p.opts.Input.ID[:]}, {Key: wire.ChangelogIDName, Value: p.opts.Changelog[:]},
		},
	}
}

// tell writes how far the filling is. If the write fails, the next record says as much.
func (p *Partition) tell() {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.opts.Producer.Send(p.record(), func(_ *kgo.Record, err error) {
		if err != nil {
			p.opts.Events.FillingNotReported(events.FillingNotReported{Err: err})
		}
	})
}

// write writes how far the filling is, and waits until that is acknowledged.
func (p *Partition) write(ctx context.Context) error {
	acked := make(chan error, 1)
	p.telling.Lock()
	p.opts.Producer.Send(p.record(), func(_ *kgo.Record, err error) { acked <- err })
	p.telling.Unlock()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-acked:
		if err != nil {
			return fmt.Errorf("write the seed record: %w", err)
		}
		return nil
	}
}

// fail reports what another try cannot cure, for the process that planned it.
func (p *Partition) fail(ctx context.Context, err error) error {
	if !seed.Refuses(err) {
		return err
	}
	p.change(func(s *wire.Bootstrap) { s.Failed = err.Error() })
	return errors.Join(err, p.write(ctx))
}
