package views_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

// TestUnreadableTopicIsToldOf takes the right to read the progress topic away while the
// view runs, and gives it back.
func TestUnreadableTopicIsToldOf(t *testing.T) {
	w := newWorld(t, 1)
	v := w.view(t.TempDir()).ready()
	progress, err := kafka.Describe(t.Context(), w.client, w.names.Progress)
	if err != nil {
		t.Fatal(err)
	}
	var denied atomic.Bool
	denied.Store(true)
	w.broker.Faults().ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		w.broker.Faults().KeepControl()
		req := r.(*kmsg.FetchRequest)
		resp := req.ResponseKind().(*kmsg.FetchResponse)
		hit := false
		for _, topic := range req.Topics {
			out := kmsg.NewFetchResponseTopic()
			out.Topic, out.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				part := kmsg.NewFetchResponseTopicPartition()
				part.Partition = p.Partition
				if topic.TopicID == progress.ID || topic.Topic == progress.Name {
					hit, part.ErrorCode = true, kerr.TopicAuthorizationFailed.Code
				}
				out.Partitions = append(out.Partitions, part)
			}
			resp.Topics = append(resp.Topics, out)
		}
		if !hit || !denied.Load() {
			return nil, nil, false
		}
		return resp, nil, true
	})
	w.tellProgress(0) // ends the fetch that waits
	told := func() bool {
		note := v.Status().Note
		return strings.Contains(note, w.names.Progress) && strings.Contains(note, "AUTHORIZATION")
	}
	await(t, "the status to name the topic and the reason", told)
	denied.Store(false)
	await(t, "the topic to be read again", func() bool {
		w.tellProgress(0)
		return v.Status().Note == ""
	})
}
