package harness

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Event is one record to produce, in the form of the capture files: one JSON
// object a line. A null key or value is a Kafka null; the _b64 members win.
type Event struct {
	Topic     string      `json:"topic,omitempty"`
	Partition *int32      `json:"partition,omitempty"`
	Timestamp int64       `json:"timestamp,omitempty"`
	Key       *string     `json:"key"`
	KeyB64    *string     `json:"key_b64,omitempty"`
	Value     *string     `json:"value"`
	ValueB64  *string     `json:"value_b64,omitempty"`
	Headers   [][2]string `json:"headers,omitempty"`
}

// Text returns an event of a key and a value.
func Text(key, value string) Event { return Event{Key: &key, Value: &value} }

// Tombstone returns an event of a key and a Kafka null.
func Tombstone(key string) Event { return Event{Key: &key} }

// In returns the event for the given partition.
func (e Event) In(partition int32) Event {
	e.Partition = &partition
	return e
}

func (e Event) record(topic string) (*kgo.Record, error) {
	key, err := bytesOf(e.Key, e.KeyB64)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	value, err := bytesOf(e.Value, e.ValueB64)
	if err != nil {
		return nil, fmt.Errorf("value: %w", err)
	}
	r := &kgo.Record{Topic: topic, Key: key, Value: value, Partition: -1}
	if e.Partition != nil {
		r.Partition = *e.Partition
	}
	if e.Timestamp != 0 {
		r.Timestamp = time.UnixMilli(e.Timestamp)
	}
	for _, h := range e.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
	}
	return r, nil
}

func bytesOf(text, b64 *string) ([]byte, error) {
	switch {
	case b64 != nil:
		return base64.StdEncoding.DecodeString(*b64)
	case text != nil:
		return []byte(*text), nil
	}
	return nil, nil
}

// EventOf is a record as a capture file keeps it: bytes that are no text are in the _b64 members.
func EventOf(r *kgo.Record) Event {
	e := Event{Topic: r.Topic, Partition: &r.Partition, Timestamp: r.Timestamp.UnixMilli()}
	e.Key, e.KeyB64 = textOf(r.Key)
	e.Value, e.ValueB64 = textOf(r.Value)
	for _, h := range r.Headers {
		e.Headers = append(e.Headers, [2]string{h.Key, string(h.Value)})
	}
	return e
}

func textOf(b []byte) (text, b64 *string) {
	if b == nil {
		return nil, nil
	}
	s := string(b)
	if utf8.Valid(b) {
		return &s, nil
	}
	s = base64.StdEncoding.EncodeToString(b)
	return nil, &s
}

// WriteEvents writes a capture file.
func WriteEvents(path string, events []Event) error {
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	for i, e := range events {
		if err := lines.Encode(e); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, i+1, err)
		}
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// ReadEvents reads a capture file.
func ReadEvents(path string) ([]Event, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Event
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(out)+1, err)
		}
		out = append(out, e)
	}
	return out, lines.Err()
}
