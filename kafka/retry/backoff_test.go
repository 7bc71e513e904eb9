package retry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tidemark/tidemark/kafka/retry"
)

func TestPausesDoubleUntilTheLongest(t *testing.T) {
	b := retry.Backoff{Least: 20 * time.Millisecond, Most: 100 * time.Millisecond, Steady: time.Second}
	for i, c := range []struct{ lasted, want time.Duration }{
		{0, 20 * time.Millisecond},
		{0, 40 * time.Millisecond},
		{time.Second, 80 * time.Millisecond},
		{0, 100 * time.Millisecond},
		{0, 100 * time.Millisecond},
		{time.Second + 1, 20 * time.Millisecond},
		{0, 40 * time.Millisecond},
	} {
		if got := b.Failed(c.lasted); got != c.want {
			t.Errorf("pause %d is %s, want %s", i, got, c.want)
		}
	}
}

func TestAPauseEndsWithItsContext(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := retry.Pause(ctx, time.Hour); !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	if err := retry.Pause(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
