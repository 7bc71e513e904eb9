package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTranscripts sends the requests in testdata/*.txt and compares the answers with
// those that are below them. A request is what is between ### and --: a line
// with method and path, headers, and after an empty line a body.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			w := newWorld(t, nil, orders(t), prices(t))
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := w.replay(string(golden))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, have := strings.Split(string(golden), "\n"), strings.Split(got, "\n")
			for i := range min(len(want), len(have)) {
				if want[i] != have[i] {
					t.Fatalf("%s:%d\nwant %s\ngot  %s", path, i+1, want[i], have[i])
				}
			}
			if len(want) != len(have) {
				t.Fatalf("%s: want %d lines, got %d", path, len(want), len(have))
			}
		})
	}
}

func (w *world) replay(golden string) string {
	var out strings.Builder
	head, rest, _ := strings.Cut(golden, "### ")
	out.WriteString(head)
	for block := range strings.SplitSeq(rest, "\n### ") {
		block = strings.TrimPrefix(block, "### ")
		request, _, _ := strings.Cut(block, "\n--\n")
		request = strings.TrimRight(request, "\n")
		fmt.Fprintf(&out, "### %s\n--\n%s\n", request, w.exchange(request))
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

func (w *world) exchange(request string) string {
	top, body, _ := strings.Cut(request, "\n\n")
	lines := strings.Split(top, "\n")
	method, target, _ := strings.Cut(lines[1], " ")
	header := append(lines[2:], "X-Request-Id: test")
	return transcript(w.do(method, target, body, header...))
}

var storeTag = regexp.MustCompile(`W/"[0-9a-z]+-[0-9a-z]+"`)

// transcript writes an answer; what differs from run to run is masked.
func transcript(res *http.Response, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", res.StatusCode)
	names := make([]string, 0, len(res.Header))
	for n := range res.Header {
		switch n {
		case "Date", "Connection", "X-Request-Id":
		default:
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		for _, v := range res.Header[n] {
			fmt.Fprintf(&b, "%s: %s\n", n, storeTag.ReplaceAllString(v, `W/"<version>"`))
		}
	}
	return b.String() + "\n" + body
}
