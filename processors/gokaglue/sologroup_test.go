package gokaglue

import (
	"reflect"
	"testing"

	"github.com/IBM/sarama"
)

// What goka says is done is told as it says it: the low watermark is found by who is told.
func TestWhatIsDoneIsTold(t *testing.T) {
	type told struct {
		topic string
		next  int64
	}
	var got []told
	s := &soloSession{group: &soloGroup{commit: func(topic string, next int64) { got = append(got, told{topic, next}) }}}
	s.MarkOffset("a", 3, 12, "")
	s.MarkMessage(&sarama.ConsumerMessage{Topic: "b", Offset: 12}, "")
	s.MarkOffset("a", 3, 11, "")
	if want := []told{{"a", 12}, {"b", 13}, {"a", 11}}; !reflect.DeepEqual(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}
