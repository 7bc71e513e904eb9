package gokaglue

import (
	"errors"

	"github.com/lovoo/goka"
)

var errWritten = errors.New("rows are written by the row writer, not through goka")

// noProducer is goka's producer: nothing is written through goka.
type noProducer struct{}

// Emit implements goka.Producer.
func (noProducer) Emit(string, string, []byte) *goka.Promise {
	_, finish := goka.NewPromiseWithFinisher()
	return finish(nil, errWritten)
}

// EmitWithHeaders implements goka.Producer.
func (p noProducer) EmitWithHeaders(topic, key string, value []byte, _ goka.Headers) *goka.Promise {
	return p.Emit(topic, key, value)
}

// Close implements goka.Producer. The client behind it belongs to the session.
func (noProducer) Close() error { return nil }
