package bus

import (
	"fmt"
	"strconv"
	"strings"
)

// EventKind says what an event is about.
type EventKind int64

// The kinds of events.
const (
	Repair   EventKind = iota + 1 // Key: its newest changelog record is an old one
	WaitOver                      // Offset: the source record there has waited for long enough
	Reached                       // Offset: an end of the source that somebody waits for
	Reread                        // a record was read once more
	Adopt                         // the source has been read again: older rows are taken over
	Whole                         // Offset: the state has nothing of what follows
	Outrun                        // keys have been named that other partitions have older rows of
)

// Event is a message of a feeder to the goroutine that folds, in order with the changes.
type Event struct {
	Kind   EventKind
	Key    string // of a row
	Offset int64  // of the source
	// Message is the one that has brought the event, in a handler: it is over when whatever is
	// deferred is.
	Message Deferrer
}

// Deferrer gives out what must be called once, before a message is over.
type Deferrer interface{ DeferCommit() func(error) }

// EventHandler deals with an event. An error ends the run.
type EventHandler func(Event) error

// Carried is what goka carries of an event: an offset that no record has, and a key.
func (e Event) Carried() (offset int64, key []byte) {
	key = strconv.AppendInt(make([]byte, 0, len(e.Key)+20), e.Offset, 10)
	key = append(key, ' ')
	return -int64(e.Kind), append(key, e.Key...)
}

// IsEvent reports whether a message with the offset is an event.
func IsEvent(offset int64) bool { return offset < 0 }

// parseEvent reads a message that is one.
func parseEvent(offset int64, key string) (Event, error) {
	number, rest, _ := strings.Cut(key, " ")
	at, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Event{}, fmt.Errorf("event of kind %d: its offset: %w", -offset, err)
	}
	return Event{Kind: EventKind(-offset), Key: rest, Offset: at}, nil
}
