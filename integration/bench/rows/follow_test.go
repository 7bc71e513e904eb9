package rows

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
)

// TestFollowersHaveTheRows keeps a benchmark of streams from being fast because they
// say nothing, or something wrong.
func TestFollowersHaveTheRows(t *testing.T) {
	w, err := newWorld(t.Context(), Table(), 20_000, 200)
	if err != nil {
		t.Fatal(err)
	}
	defer w.store.Close()
	l := newLive(w)
	h, err := api.New(api.Options{Tables: []*live.Table{{Table: w.table, Reader: w, Pins: w, Progress: w, Batches: w, Changes: l}}})
	if err != nil {
		t.Fatal(err)
	}
	addr, stop, err := serve(h)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		h.Stop()
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	for _, m := range mixes() {
		got, err := followedHere(t, l, addr, m.name)
		if err != nil || got.PerSecond <= 0 || got.Max <= 0 {
			t.Errorf("%s: %+v %v", m.name, got, err)
		}
	}
}

// followedHere lets followers of this process hear a few changes.
func followedHere(t *testing.T, l *followed, addr, mix string) (got heard, err error) {
	in, tell := io.Pipe()
	said, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := Followers([]string{addr, mix, "20", "20000"}, in, out)
		_ = in.Close() // whoever still writes to it or reads from it gets an error
		_ = out.Close()
		done <- err
	}()
	lines := bufio.NewScanner(said)
	if lines.Scan() && lines.Text() == "ready" {
		changing, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer stop()
		if err := l.change(changing, 2_000); err != nil {
			return got, err
		}
		if _, err := io.WriteString(tell, "compare\n"); err != nil {
			return got, errors.Join(err, <-done)
		}
		lines.Scan()
	}
	if err := <-done; err != nil {
		return got, err
	}
	return got, json.Unmarshal(lines.Bytes(), &got)
}
