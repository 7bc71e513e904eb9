package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Scenario is one case: a table, and steps that are taken in order. Files are
// named relative to its folder.
type Scenario struct {
	Name string `json:"-"` // the folder's

	About      string         `json:"about"`
	Origin     string         `json:"origin"` // "documented", or what wrote the events
	Partitions int32          `json:"partitions"`
	Table      map[string]any `json:"table"`             // as in tidemark.yaml
	Schemas    string         `json:"schemas,omitempty"` // a file of schemas, for Avro
	Steps      []Step         `json:"steps"`

	dir string
}

// Step is one of its members.
type Step struct {
	Produce     string       `json:"produce,omitempty"` // a file of events
	Batch       bool         `json:"batch,omitempty"`   // take one of all that was produced
	Restart     string       `json:"restart,omitempty"` // kill or term
	WipeData    bool         `json:"wipe_data,omitempty"`
	Expect      string       `json:"expect,omitempty"` // a file of rows, in any order
	Query       string       `json:"query,omitempty"`  // of expect
	Key         []string     `json:"key,omitempty"`    // of expect, where the query leaves out the table's key
	Get         *Call        `json:"get,omitempty"`
	DeadLetters []DeadLetter `json:"dead_letters,omitempty"` // all of them, in any order
}

// Call is one HTTP call and what its answer must hold. ${name} stands for a saved value.
type Call struct {
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path"`
	Body    string            `json:"body,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Status  int               `json:"status"`
	JSON    any               `json:"json,omitempty"`   // a subset; arrays are whole
	Text    *string           `json:"text,omitempty"`   // the whole body
	Answer  map[string]string `json:"answer,omitempty"` // headers; a value that ends in * is a prefix
	Save    map[string]string `json:"save,omitempty"`   // name -> header:ETag or json:next
}

// DeadLetter is what distinguishes a dead letter from others.
type DeadLetter struct {
	Partition *int32 `json:"partition,omitempty"`
	Offset    int64  `json:"offset"`
	Field     string `json:"field"`
}

// Load reads all scenarios of a folder, in the order of their names.
func Load(dir string) ([]*Scenario, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "scenario.json"))
	if err != nil {
		return nil, err
	}
	var out []*Scenario
	for _, path := range files {
		s, err := load(path)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func load(path string) (*Scenario, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	s := &Scenario{Name: filepath.Base(dir), dir: dir}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(s); err != nil {
		return nil, err
	}
	source, ok := s.Table["source"].(map[string]any)
	switch {
	case s.About == "" || s.Origin == "":
		return nil, fmt.Errorf("about and origin are needed")
	case s.Partitions < 1:
		return nil, fmt.Errorf("partitions is %d", s.Partitions)
	case !ok || source["topic"] != s.TableName():
		return nil, fmt.Errorf("the source topic must have the table's name")
	case len(s.Steps) == 0 || s.final() == nil:
		return nil, fmt.Errorf("no step expects rows")
	}
	for i, step := range s.Steps {
		if err := step.check(); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return s, nil
}

// check sees to it that a step does one thing.
func (s *Step) check() error {
	n := 0
	for _, is := range []bool{s.Produce != "", s.Batch, s.Restart != "", s.Expect != "", s.Get != nil, s.DeadLetters != nil} {
		if is {
			n++
		}
	}
	switch {
	case n != 1:
		return fmt.Errorf("%d things to do, want one", n)
	case s.Restart != "" && s.Restart != "kill" && s.Restart != "term":
		return fmt.Errorf("restart is %q, want kill or term", s.Restart)
	}
	return nil
}

// TableName returns the name of the scenario's table and source topic.
func (s *Scenario) TableName() string {
	name, _ := s.Table["name"].(string)
	return name
}

// key returns the columns that distinguish rows.
func (s *Scenario) key() []string {
	var out []string
	list, _ := s.Table["key"].([]any)
	for _, k := range list {
		if name, ok := k.(string); ok {
			out = append(out, name)
		}
	}
	return out
}

// final returns the last step that expects rows: what must hold ever after.
func (s *Scenario) final() *Step {
	for i := len(s.Steps) - 1; i >= 0; i-- {
		if s.Steps[i].Expect != "" {
			return &s.Steps[i]
		}
	}
	return nil
}

// path returns the place of a file of the scenario.
func (s *Scenario) path(name string) string { return filepath.Join(s.dir, name) }
