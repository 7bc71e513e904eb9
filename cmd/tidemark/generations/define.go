package generations

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// Self is this process as the maker of a definition, now.
func Self(version string) *wire.Maker {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return &wire.Maker{Host: host, Version: version, At: time.Now().UTC().Truncate(time.Second)}
}

// NoSourceError says that a definition's source topic does not exist: nothing could be
// built of it.
type NoSourceError struct{ Table, Topic string }

// Error says what is missing, and what makes it.
func (e *NoSourceError) Error() string {
	return fmt.Sprintf("the source topic %s of the new definition of table %s does not exist; nothing is built before the connector makes it, or the name is corrected",
		e.Topic, e.Table)
}

// Define asks for a generation with a new definition, and returns the record that does. The
// error is a *NoSourceError where the definition's source does not exist, and ErrLost where
// another process was faster. Follow must run.
func (l *Log) Define(ctx context.Context, from State, declared *tables.Table, by *wire.Maker) (wire.GenerationRecord, error) {
	client, err := l.pool.Client()
	if err != nil {
		return wire.GenerationRecord{}, err
	}
	if _, err := kafka.Describe(ctx, client, declared.Source.Topic); errors.Is(err, kafka.ErrNoSource) {
		return wire.GenerationRecord{}, &NoSourceError{declared.Name, declared.Source.Topic}
	} else if err != nil {
		return wire.GenerationRecord{}, fmt.Errorf("look for the source topic: %w", err)
	}
	current := &from.Record.Current
	deadLetters, err := deadletter.CountBy(ctx, client, l.settings, current)
	if err != nil {
		return wire.GenerationRecord{}, fmt.Errorf("look for dead letters of generation %d: %w", current.Generation, err)
	}
	next := Ask(from.Record, declared, deadLetters > 0, by)
	return next, l.Propose(ctx, from, next)
}
