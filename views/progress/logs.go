package progress

import (
	"strings"
	"sync"

	"github.com/tidemark/tidemark/tables"
)

// Logs is what the tables of a process know together of how far the logs of their databases have been
// read. A table on which nothing happens never has an event behind a client's write; another table of the
// same connector has one, be it the table that the connector's heartbeats change.
//
// A connector sends the events of its tables in the order of the log, so what is before an event of
// one table has been sent to the topics of all others by then.
type Logs struct {
	mu      sync.Mutex
	heads   map[string]heads // by connector
	waiting map[*func()]bool
}

// heads are the highest positions of a connector by epoch. A database that fails over to another server
// has positions of another epoch, which say nothing of those before: the one that moved last counts.
type heads struct {
	of      map[uint32]tables.SourcePosition
	current uint32
}

// NewLogs returns logs of which nothing is known yet.
func NewLogs() *Logs { return &Logs{heads: map[string]heads{}, waiting: map[*func()]bool{}} }

// ConnectorOf returns the part of a topic's name that Debezium's connectors have for themselves:
// <prefix>.<schema or database>.<table>. It is empty where a topic is named otherwise.
func ConnectorOf(topic string) string {
	for range 2 {
		i := strings.LastIndexByte(topic, '.')
		if i <= 0 {
			return ""
		}
		topic = topic[:i]
	}
	return topic
}

// Raise takes note of the positions that the partitions of a table have come to.
func (l *Logs) Raise(connector string, tops []tables.SourcePosition) {
	if l == nil || connector == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	moved := false
	for _, top := range tops {
		if !top.Known() || top.Snapshot {
			continue
		}
		h := l.heads[connector]
		if h.of == nil {
			h.of = map[uint32]tables.SourcePosition{}
		}
		if old, ok := h.of[top.Epoch]; !ok || old.Kind != top.Kind || top.Compare(old) > 0 {
			h.of[top.Epoch], h.current, moved = top, top.Epoch, true
			l.heads[connector] = h
		}
	}
	if moved {
		for fn := range l.waiting {
			(*fn)()
		}
	}
}

// Head returns the highest position that any table of a connector has come to; ok is false where none is known.
func (l *Logs) Head(connector string) (p tables.SourcePosition, ok bool) {
	if l == nil || connector == "" {
		return p, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.heads[connector]
	p, ok = h.of[h.current]
	return p, ok
}

// Notify calls fn whenever a log is known to be further, until the returned function is called.
func (l *Logs) Notify(fn func()) (stop func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[&fn] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waiting, &fn)
	}
}
