package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Lookup returns the value of an environment variable and whether it is set.
type Lookup func(name string) (string, bool)

// Load reads a file. The error is a Faults when the file can be read but not accepted.
func Load(path string, env Lookup) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return Parse(path, text, env)
}

// Parse reads the text of a file; path is what faults call it.
func Parse(path string, text []byte, env Lookup) (*Config, error) {
	r := &reader{file: path, env: env}
	root := r.document(text, "at least kafka and tables are needed")
	if root == nil {
		return nil, r.faults
	}
	c := r.config(root)
	if faults := r.allFaults(); len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

// allFaults returns the faults of the file, and behind them those of each file that it includes.
func (r *reader) allFaults() Faults {
	r.faults.sort()
	out := r.faults
	for _, file := range r.included {
		file.faults.sort()
		out = append(out, file.faults...)
	}
	return out
}

// document parses the text into its one mapping, or notes why it is none; an empty one lacks what is needed.
func (r *reader) document(text []byte, needed string) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			r.whole("the file is empty: " + needed)
			return nil
		}
		r.syntax(err)
		return nil
	}
	if err := dec.Decode(&next); err == nil {
		r.fault(&next, "", "a second document begins here; a configuration is one")
		return nil
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
		return nil
	}
	return doc.Content[0]
}

func (r *reader) whole(message string) {
	r.faults = append(r.faults, Fault{File: r.file, Message: message})
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax notes an error of the YAML parser, which writes its line into the text.
func (r *reader) syntax(err error) {
	f := Fault{File: r.file, Message: "not YAML: " + err.Error()}
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		f.Message = "not YAML: " + m[2]
		if line, err := strconv.Atoi(m[1]); err == nil {
			f.Line, f.Column = line, 1
		}
	}
	r.faults = append(r.faults, f)
}

// config reads the sections of the file.
func (r *reader) config(root *yaml.Node) *Config {
	o := r.object(root, "", keysOf("")...)
	if !o.ok {
		return nil
	}
	c := &Config{File: r.file, DataDir: o.text("data_dir", "./data")}
	if c.DataDir == "" && !o.failed("data_dir") {
		o.fault("data_dir", "want a directory")
	}
	c.Kafka = o.kafka()
	c.Roles = o.roles()
	c.HTTP = o.http()
	c.Log = o.log()
	o.limits(c)
	included := o.include(c)
	c.Tables = o.tables(c.Kafka.Settings, included)
	c.Ignore = o.ignored(c.TableNames())
	for _, file := range append([]object{o}, included...) {
		file.unsupported("endpoints", "SQL endpoints")
	}
	return c
}
