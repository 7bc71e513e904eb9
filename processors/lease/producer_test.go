package lease

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
)

// A record leaves at once unless another linger is asked for.
func TestAProducerLingersAsLongAsItIsTold(t *testing.T) {
	for _, want := range []time.Duration{0, 5 * time.Millisecond} {
		p, err := Open(kafka.Settings{Brokers: []string{"localhost:9092"}}, New(0), want)
		if err != nil {
			t.Fatal(err)
		}
		if linger := p.client.OptValue(kgo.ProducerLinger); linger != want {
			t.Errorf("the producer lingers for %v, want %v", linger, want)
		}
		p.Close()
	}
}

func TestNothingIsWrittenWithoutTheLease(t *testing.T) {
	const topic = "orders"
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{topic: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	requests := b.Faults().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Count: -1, Observe: true})
	l := New(time.Minute)
	p, err := Open(kafka.Settings{Brokers: b.Addrs()}, l, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	send := func() chan error {
		done := make(chan error, 1)
		p.Send(&kgo.Record{Topic: topic, Value: []byte("v")}, func(_ *kgo.Record, err error) { done <- err })
		return done
	}
	l.Renew(time.Now())
	if err := <-send(); err != nil {
		t.Fatalf("with the lease: %v", err)
	}
	buffered := send() // waits for company
	l.Renew(time.Now().Add(-2 * time.Minute))
	if err := <-send(); !errors.Is(err, ErrLost) {
		t.Errorf("without the lease: %v", err)
	}
	if err := <-buffered; err == nil {
		t.Error("what was buffered when the lease ended was written")
	}
	if n := requests.Hits(); n != 1 {
		t.Errorf("%d produce requests have reached the broker, want 1", n)
	}
	l.Lose()
	if err := l.check(); !errors.Is(err, ErrSessionOver) {
		t.Errorf("a lost lease says %v", err)
	}
}
