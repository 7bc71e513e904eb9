package processors

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// A changelog record leaves at once unless the options say otherwise.
func TestTheChangelogDoesNotLinger(t *testing.T) {
	o := Options{}
	o.defaults()
	w, err := newWriter(kafka.Settings{Brokers: []string{"localhost:9092"}}, newLease(0), o.Linger)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if linger := w.client.OptValue(kgo.ProducerLinger); linger != time.Duration(0) {
		t.Errorf("the producer lingers for %v, want not at all", linger)
	}
}
