package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/integration/harness"
)

// run is a scenario under way in a process that it shares with others.
type run struct {
	*Scenario
	cluster *harness.Cluster
	process *harness.Process
	topic   string
	next    int               // step
	saved   map[string]string // by calls
	failed  bool
}

// pending returns the restart that the scenario waits for, or nil.
func (r *run) pending() *Step {
	if r.failed || r.next >= len(r.Steps) || r.Steps[r.next].Restart == "" {
		return nil
	}
	return &r.Steps[r.next]
}

// advance takes all steps up to the next restart.
func (r *run) advance(t *testing.T) {
	for ; r.next < len(r.Steps) && r.Steps[r.next].Restart == ""; r.next++ {
		r.step(t, r.next)
		if t.Failed() {
			return
		}
	}
}

func (r *run) step(t *testing.T, i int) {
	t.Helper()
	defer func() {
		if t.Failed() {
			r.failed = true
			t.Logf("step %d: %s", i+1, r.About)
		}
	}()
	step := &r.Steps[i]
	switch {
	case step.Produce != "":
		events, err := harness.ReadEvents(r.path(step.Produce))
		if err != nil {
			t.Fatal(err)
		}
		r.cluster.Produce(t, r.topic, events...)
	case step.Batch:
		r.process.Batch(t, r.TableName())
	case step.Expect != "":
		r.expect(t, step)
	case step.DeadLetters != nil:
		r.expectDeadLetters(t, step.DeadLetters)
	case step.Get != nil:
		r.process.CaughtUp(t, r.TableName())
		r.call(t, step.Get)
	}
}

func (r *run) expect(t *testing.T, step *Step) {
	t.Helper()
	text, err := os.ReadFile(r.path(step.Expect))
	if err != nil {
		t.Fatal(err)
	}
	var want []harness.Row
	if err := harness.Decode(text, &want); err != nil {
		t.Fatalf("%s: %v", step.Expect, err)
	}
	key := step.Key
	if key == nil {
		key = r.key()
	}
	harness.Same(t, want, r.process.Rows(t, r.TableName(), step.Query), key...)
}

func (r *run) expectDeadLetters(t *testing.T, want []DeadLetter) {
	t.Helper()
	r.process.CaughtUp(t, r.TableName())
	var got, wanted []string
	withPartition := false
	for _, w := range want {
		line := fmt.Sprintf("offset %d: %s", w.Offset, w.Field)
		if w.Partition != nil {
			withPartition = true
			line = fmt.Sprintf("partition %d, %s", *w.Partition, line)
		}
		wanted = append(wanted, line)
	}
	sort.Strings(wanted)
	// A dead letter is on its way while the rows behind it are served already.
	deadline := time.Now().Add(10 * time.Second)
	for {
		got = r.deadLetters(t, withPartition)
		d := cmp.Diff(wanted, got)
		if d == "" {
			return
		}
		if len(got) > len(wanted) || time.Now().After(deadline) {
			t.Fatalf("dead letters (-want +got):\n%s", d)
		}
	}
}

func (r *run) deadLetters(t *testing.T, withPartition bool) []string {
	t.Helper()
	var got []string
	for _, l := range r.cluster.ReadTopic(t, r.cluster.Prefix+r.TableName()+"-dlq") {
		h := map[string]string{}
		for _, header := range l.Headers {
			h[header.Key] = string(header.Value)
		}
		line := fmt.Sprintf("offset %s: %s", h["tidemark.offset"], h["tidemark.field"])
		if withPartition {
			line = fmt.Sprintf("partition %s, %s", h["tidemark.partition"], line)
		}
		got = append(got, line)
	}
	sort.Strings(got)
	return got
}

func (r *run) call(t *testing.T, c *Call) {
	t.Helper()
	method := c.Method
	if method == "" {
		method = "GET"
	}
	var headers []string
	for name, value := range c.Headers {
		headers = append(headers, name, r.fill(value))
	}
	path := r.fill(c.Path)
	a := r.process.Expect(t, c.Status, method, path, r.fill(c.Body), headers...)
	if c.Text != nil && string(a.Body) != *c.Text {
		t.Fatalf("%s %s (-want +got):\n%s", method, path, cmp.Diff(*c.Text, string(a.Body)))
	}
	if c.JSON != nil {
		var got any
		if err := harness.Decode(a.Body, &got); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, a.Body)
		}
		if d := subset(c.JSON, got, "$"); d != "" {
			t.Fatalf("%s %s: %s in %s", method, path, d, a.Body)
		}
	}
	for name, want := range c.Answer {
		got := a.Header.Get(name)
		prefix, open := strings.CutSuffix(r.fill(want), "*")
		if !strings.HasPrefix(got, prefix) || !open && got != prefix {
			t.Fatalf("%s %s: the header %s is %q, want %q", method, path, name, got, want)
		}
	}
	for name, from := range c.Save {
		r.save(t, name, from, a)
	}
}

func (r *run) save(t *testing.T, name, from string, a harness.Answer) {
	t.Helper()
	kind, where, _ := strings.Cut(from, ":")
	value := a.Header.Get(where)
	if kind == "json" {
		var body map[string]any
		if err := harness.Decode(a.Body, &body); err != nil {
			t.Fatal(err)
		}
		value = fmt.Sprint(body[where])
		if body[where] == nil {
			value = ""
		}
	}
	if value == "" {
		t.Fatalf("nothing at %s to save as %s: %v %s", from, name, a.Header, a.Body)
	}
	r.saved[name] = value
}

func (r *run) fill(text string) string {
	for name, value := range r.saved {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return strings.ReplaceAll(text, "${end}", r.cluster.Position(r.topic))
}

// subset describes where got lacks something of want; empty when it does not.
func subset(want, got any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return at + " is no object"
		}
		for k, v := range w {
			if d := subset(v, g[k], at+"."+k); d != "" {
				return d
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return at + " has not " + strconv.Itoa(len(w)) + " items"
		}
		for i := range w {
			if d := subset(w[i], g[i], fmt.Sprintf("%s[%d]", at, i)); d != "" {
				return d
			}
		}
	default:
		if d := cmp.Diff(want, got); d != "" {
			return fmt.Sprintf("%s is %v, want %v", at, show(got), show(want))
		}
	}
	return ""
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
