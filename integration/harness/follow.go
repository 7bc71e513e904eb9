package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Follower keeps the rows that a stream of changes reports.
type Follower struct {
	Rows   map[string]Row // by the JSON of their keys
	LastID string
	Resets int
	Events int
	// Check, if there is one, is asked about each row that takes the place of another.
	Check func(before, now Row) error
}

// changed is the data of an event.
type changed struct {
	Key json.RawMessage
	Row json.RawMessage
}

// Follow reads a stream of changes from behind LastID until enough says so, the
// context ends, or the connection does, which is no error. It fails when an event does
// not fit what is there.
func (f *Follower) Follow(ctx context.Context, c *Client, path string, enough func() bool) error {
	q, err := f.request(ctx, c.URL+path)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(q)
	if err != nil {
		return nil //nolint:nilerr // the process is away: the caller comes again
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil
	}
	if f.Rows == nil {
		f.Rows = map[string]Row{}
	}
	// What came without an id is sent again to a client that comes back: it counts with the next id.
	var held []streamed
	var now streamed
	id := ""
	for lines := bufio.NewScanner(res.Body); !enough() && lines.Scan(); {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "id":
			id = value
		case "event":
			now.event = value
		case "data":
			now.data = value
		case "":
			if now.event != "" {
				held = append(held, now)
			}
			if id != "" || now.event == "reset" {
				for _, e := range held {
					if err := f.take(e.event, e.data); err != nil {
						return err
					}
				}
				f.LastID, held = id, nil
			}
			now, id = streamed{}, ""
		}
	}
	return nil
}

// request asks for what comes behind the last id.
func (f *Follower) request(ctx context.Context, url string) (*http.Request, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err == nil && f.LastID != "" {
		q.Header.Set("Last-Event-ID", f.LastID)
	}
	return q, err
}

// streamed is one event of the stream.
type streamed struct{ event, data string }

func (f *Follower) take(event, data string) error {
	f.Events++
	if event == "reset" {
		f.Rows = map[string]Row{}
		f.Resets++
		return nil
	}
	var c changed
	if err := json.Unmarshal([]byte(data), &c); err != nil {
		return fmt.Errorf("%s %s: %w", event, data, err)
	}
	_, has := f.Rows[string(c.Key)]
	if has == (event == "enter") {
		return fmt.Errorf("%s of %s, which is there already: %v (last id %s)", event, c.Key, has, f.LastID)
	}
	if event == "leave" {
		delete(f.Rows, string(c.Key))
		return nil
	}
	var row Row
	if err := Decode(c.Row, &row); err != nil {
		return fmt.Errorf("%s %s: %w", event, data, err)
	}
	if event == "update" && f.Check != nil {
		if err := f.Check(f.Rows[string(c.Key)], row); err != nil {
			return fmt.Errorf("%s of %s behind %s: %w", event, c.Key, f.LastID, err)
		}
	}
	f.Rows[string(c.Key)] = row
	return nil
}
