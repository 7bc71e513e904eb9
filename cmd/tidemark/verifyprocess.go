package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/verify"
	"github.com/tidemark/tidemark/tables"
)

// verifyProcess is the side of a comparison that a running process serves.
type verifyProcess struct {
	r      *remote
	table  *tables.Table
	settle time.Duration
}

func (v *verifyProcess) path() string { return "/v1/tables/" + url.PathEscape(v.table.Name) }

// Lookup implements verify.Process.
func (v *verifyProcess) Lookup(ctx context.Context, keys []json.RawMessage, position string) (verify.Answer, error) {
	var out verify.Answer
	body, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		return out, fmt.Errorf("write a lookup: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if position != "" {
		header["Tidemark-Min-Source"] = []string{position}
		header["Tidemark-Wait"] = []string{v.settle.String()}
	}
	resp, err := v.r.send(ctx, http.MethodPost, v.path()+"/lookup", header, body)
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Body.Close() }()
	out.At = resp.Header.Get("Tidemark-Position")
	if resp.StatusCode == http.StatusPreconditionFailed {
		return out, nil
	}
	raw, err := v.r.body(resp)
	if err != nil {
		return out, err
	}
	var answer struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return out, fmt.Errorf("read the answer to a lookup: %w", err)
	}
	if len(answer.Data) != len(keys) {
		return out, fmt.Errorf("a lookup of %d keys was answered with %d rows", len(keys), len(answer.Data))
	}
	out.Rows, out.Reached = answer.Data, true
	return out, nil
}

// Keys implements verify.Process.
func (v *verifyProcess) Keys(ctx context.Context, fn func(json.RawMessage) error) error {
	names := make([]string, len(v.table.Key))
	for i, n := range v.table.Key {
		names[i] = url.QueryEscape(n)
	}
	streaming := *v.r
	streaming.client = &http.Client{Transport: v.r.client.Transport} // as long as it takes
	resp, err := streaming.send(ctx, http.MethodGet, v.path()+"/rows.ndjson?select="+strings.Join(names, ","), http.Header{"Accept": {"*/*"}}, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		_, err := v.r.body(resp)
		return err
	}
	const longest = 16 << 20 // of a line: a key of the largest record
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 64<<10), longest)
	for lines.Scan() {
		if err := fn(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the keys of %s: %w", v.table.Name, err)
	}
	return nil
}

// Current implements verify.Process.
func (v *verifyProcess) Current(ctx context.Context) (bool, error) {
	resp, err := v.r.send(ctx, http.MethodGet, v.path(), nil, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := v.r.body(resp); err != nil {
		return false, err
	}
	state, _, _ := strings.Cut(resp.Header.Get("Tidemark-Freshness"), ";")
	return state == "fresh" || state == "idle", nil
}
