package gokaglue

import (
	"github.com/lovoo/goka"
	"github.com/lovoo/goka/storage"
)

// Message is a message in its callback, and no longer.
type Message interface {
	Key() string
	Offset() int64
	// DeferCommit returns what must be called once, before the message is done, with an
	// error if it must not be.
	DeferCommit() func(error)
}

// Record is a record of the changelog as recovery meets it.
type Record struct {
	Offset  int64
	Key     string
	Value   []byte // nil for a tombstone
	Written int64  // when, microseconds since the epoch
	Headers map[string][]byte
}

// callbacks are what goka calls.
type callbacks struct {
	*Options
	recovery *recovery
}

func (c callbacks) source(ctx goka.Context, _ any) {
	if err := c.OnSource(ctx); err != nil {
		fail(ctx, err)
	}
}

func (c callbacks) control(ctx goka.Context, msg any) {
	value, _ := msg.([]byte)
	if err := c.OnControl(ctx, value); err != nil {
		fail(ctx, err)
	}
}

// fail ends the run. Once the run is over goka's own way of it lets a callback go on, and
// would take its message for done.
func fail(ctx goka.Context, err error) {
	ctx.DeferCommit()(err)
	ctx.Fail(err)
}

func (c callbacks) recover(ctx goka.UpdateContext, _ storage.Storage, key string, value []byte) error {
	c.recovery.next.Store(ctx.Offset() + 1)
	return c.Recover(Record{
		Offset: ctx.Offset(), Key: key, Value: value, Written: ctx.Timestamp().UnixMicro(), Headers: ctx.Headers(),
	})
}

// ends is called with every end of a topic that goka is given.
func (c callbacks) ends(topic string, _ int32, end int64) {
	if topic == c.Changelog {
		c.EndsAt(end)
		c.recovery.until.Store(end)
	}
}

// rawCodec passes bytes on. It never fails: what cannot be read is dealt with in the callback.
type rawCodec struct{}

// Encode implements goka.Codec.
func (rawCodec) Encode(v any) ([]byte, error) {
	b, _ := v.([]byte)
	return b, nil
}

// Decode implements goka.Codec.
func (rawCodec) Decode(b []byte) (any, error) { return b, nil }
