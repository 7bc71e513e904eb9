package views_test

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/views"
)

func TestOptionsAreChecked(t *testing.T) {
	_, err := views.New(views.Options{PollEvery: -1})
	for _, want := range []string{"Table", "Dir", "Kafka", "brokers", "PollEvery"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}
