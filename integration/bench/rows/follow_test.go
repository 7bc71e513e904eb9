package rows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/views/api"
)

// TestFollowersHaveTheRows keeps a benchmark of streams from being fast because they
// tell nothing, or something wrong.
func TestFollowersHaveTheRows(t *testing.T) {
	w, err := newWorld(t.Context(), Table(), 20_000, 200)
	if err != nil {
		t.Fatal(err)
	}
	defer w.store.Close()
	l := newLive(w)
	h, err := api.New(api.Options{Tables: []*api.Table{{Table: w.table, Reader: w, Pins: w, Tide: w, Batches: w, Changes: l}}})
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
		in, tell := io.Pipe()
		var out bytes.Buffer
		changing, ready := context.WithTimeout(t.Context(), 300*time.Millisecond)
		done := make(chan error, 1)
		go func() {
			done <- Followers([]string{addr, m.name, "20", "20000"}, in, &out)
			ready()
			_ = in.Close() // who still tells it something hears of it
		}()
		if err := l.change(changing, 2_000); err != nil {
			t.Fatal(err)
		}
		_, wrote := tell.Write([]byte("compare\n"))
		if err := errors.Join(<-done, wrote); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		var got heard
		line := strings.TrimPrefix(out.String(), "ready\n")
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.PerSecond <= 0 || got.Max <= 0 {
			t.Errorf("%s: %q %v", m.name, out.String(), err)
		}
	}
}
