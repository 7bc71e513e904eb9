package gokaglue

import (
	"reflect"
	"testing"

	"github.com/IBM/sarama"
)

// What goka says is done is reported as it says it: the receiver finds the low watermark.
func TestWhatIsDoneIsReported(t *testing.T) {
	type done struct {
		topic string
		next  int64
	}
	var got []done
	s := &soloSession{group: &soloGroup{commit: func(topic string, next int64) { got = append(got, done{topic, next}) }}}
	s.MarkOffset("a", 3, 12, "")
	s.MarkMessage(&sarama.ConsumerMessage{Topic: "b", Offset: 12}, "")
	s.MarkOffset("a", 3, 11, "")
	if want := []done{{"a", 12}, {"b", 13}, {"a", 11}}; !reflect.DeepEqual(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}
