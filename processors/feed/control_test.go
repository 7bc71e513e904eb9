package feed

import (
	"testing"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/pending"
)

// A control record for which there is no room waits, and is neither lost nor the end of the run.
func TestControlRecordsWaitForRoom(t *testing.T) {
	f, fed := New(Options{Queue: pending.New(0, 10, 1<<20, nil)}), make(chan *sarama.ConsumerMessage, 10)
	f.run.Messages, f.control.queue = fed, pending.New(0, 2, 1<<20, nil)
	for offset := range int64(3) {
		f.readControl(t.Context(), &sarama.ConsumerMessage{Offset: offset, Value: []byte("v")})
	}
	messages, room := f.control.messages()
	if f.control.crowded == nil || messages != nil || f.Controls().ReadNext() != 2 {
		t.Fatalf("the third record does not wait: the next offset is %d", f.Controls().ReadNext())
	}
	f.Controls().Finish(0)
	<-room
	f.readControl(t.Context(), f.control.crowded)
	if f.control.crowded != nil || f.Controls().ReadNext() != 3 || len(fed) != 3 {
		t.Errorf("%d records were fed, the next offset is %d", len(fed), f.Controls().ReadNext())
	}
}
