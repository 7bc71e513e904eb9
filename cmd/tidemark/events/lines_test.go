package events_test

import (
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/hooks/hookstest"
)

func TestEveryEventHasALine(t *testing.T) {
	saysItself := map[string]bool{"Ready": true, "BrokersAway": true} // whose whole text is given
	hookstest.CheckLines[events.Listener](t, saysItself)
}
