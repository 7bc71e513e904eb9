package torture

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// mirror follows changes, reconnects whenever it is cut off and now and then by itself, to any of the
// processes, and keeps what it got for a comparison with the history.
type mirror struct {
	urls     []string
	path     string
	of       followed
	dice     *rand.Rand
	received []received
	last     string
	stats    mirrorCounts
}

type mirrorCounts struct{ Connections, Events, Resets, Compared int }

// begins stands for the beginning of a stream that continues from nowhere.
const begins = "begins"

// received is an event, or, without a name, the position at which all before it hold.
type received struct {
	event string
	data  string
	id    string
}

func (m *mirror) run(ctx context.Context) {
	for ctx.Err() == nil {
		length := time.Duration(200+m.dice.IntN(4000)) * time.Millisecond
		once, cancel := context.WithTimeout(ctx, length)
		if m.follow(once, m.urls[m.dice.IntN(len(m.urls))]) {
			m.stats.Connections++
		}
		cancel()
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// follow reads one connection. What came without an id is sent again to a client that comes back.
func (m *mirror) follow(ctx context.Context, base string) bool {
	res, err := m.ask(ctx, base)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return false
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var held []received
	if m.last == "" {
		held = append(held, received{event: begins})
	}
	var now received
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "id":
			now.id = value
		case "event":
			now.event = value
		case "data":
			now.data = value
		case "":
			if now.event != "" || now.id != "" {
				held = append(held, now)
			}
			if now.event == "reset" {
				m.last = ""
			}
			if now.id != "" {
				m.received, m.last, held = append(m.received, held...), now.id, nil
			}
			now = received{}
		}
	}
	return true
}

// ask asks for what comes behind the last id.
func (m *mirror) ask(ctx context.Context, base string) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, base+m.path, nil)
	if err != nil {
		return nil, err
	}
	if m.last != "" {
		q.Header.Set("Last-Event-ID", m.last)
	}
	return http.DefaultClient.Do(q)
}

// check plays what was received and compares what is followed at the ids with the history: at each that is a reset's
// end or the last, and at one in so many of the others, since a comparison takes all rows.
func (m *mirror) check(h *history) error {
	snapshot := true // a stream that begins sends what is there
	m.of.reset()
	for i, e := range m.received {
		switch e.event {
		case "reset", begins:
			if e.event == "reset" {
				m.stats.Resets++
			}
			m.of.reset()
			snapshot = true
		case "enter", "update", "leave":
			m.stats.Events++
			if err := m.of.play(e); err != nil {
				return fmt.Errorf("event %d of %d: %w", i+1, len(m.received), err)
			}
		}
		if e.id == "" {
			continue
		}
		of, at, err := h.place(e.id)
		if err != nil {
			return err
		}
		if of == nil || i%37 != 0 && i != len(m.received)-1 && !snapshot {
			continue
		}
		snapshot = false
		m.stats.Compared++
		if err := m.of.compare(of, at); err != nil {
			return fmt.Errorf("after event %d of %d, at %s: %w", i+1, len(m.received), e.id, err)
		}
	}
	return nil
}
