package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Row is one row of an answer; numbers are json.Number.
type Row = map[string]any

// Client talks to one process.
type Client struct {
	URL     string
	HTTP    *http.Client
	cluster *Cluster
	sources map[string]string
}

// Answer is a whole HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request; headers are pairs of names and values.
func (c *Client) Do(method, path, body string, headers ...string) (Answer, error) {
	q, err := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	r, err := c.HTTP.Do(q)
	if err != nil {
		return Answer{}, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return Answer{Status: r.StatusCode, Header: r.Header, Body: b}, err
}

// Get expects 200.
func (c *Client) Get(t testing.TB, path string, headers ...string) Answer {
	t.Helper()
	return c.Expect(t, http.StatusOK, "GET", path, "", headers...)
}

// Expect sends a request and expects a status.
func (c *Client) Expect(t testing.TB, status int, method, path, body string, headers ...string) Answer {
	t.Helper()
	a, err := c.Do(method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != status {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, a.Status, status, tail(string(a.Body), 500))
	}
	return a
}

// CaughtUp waits until the table reflects all that the cluster's producer sent.
func (c *Client) CaughtUp(t testing.TB, table string) {
	t.Helper()
	if pos := c.cluster.Position(c.sources[table]); pos != "" {
		c.Get(t, "/v1/tables/"+table+"/rows?limit=1", "Tidemark-Min-Position", pos, "Tidemark-Wait", "30s")
	}
}

// Rows returns all rows that match the query, page by page, once the table has caught up.
func (c *Client) Rows(t testing.TB, table, query string) []Row {
	t.Helper()
	c.CaughtUp(t, table)
	rows, err := c.Page(table, query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Page returns all rows that match the query, following cursors, without waiting.
func (c *Client) Page(table, query string) ([]Row, error) {
	var all []Row
	cursor := ""
	for {
		path := "/v1/tables/" + table + "/rows?limit=5000&" + query
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		a, err := c.Do("GET", path, "")
		if err != nil {
			return nil, err
		}
		if a.Status != http.StatusOK {
			return nil, fmt.Errorf("rows of %s: %d: %s", table, a.Status, tail(string(a.Body), 500))
		}
		var page struct {
			Data []Row  `json:"data"`
			Next string `json:"next"`
		}
		if err := Decode(a.Body, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// Batch takes a batch of all that was produced and waits until it is complete.
func (c *Client) Batch(t testing.TB, table string) Answer {
	t.Helper()
	c.CaughtUp(t, table)
	return c.Expect(t, http.StatusCreated, "POST", "/v1/tables/"+table+"/batches?wait=30s", "")
}

// Decode reads JSON and keeps numbers as they are written.
func Decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(v)
}
