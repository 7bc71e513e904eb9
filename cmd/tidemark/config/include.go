package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What one configuration may include.
const (
	maxIncluded      = 10_000
	maxIncludedBytes = 16 << 20
)

// inclusion collects the files that a configuration includes, each once. They are opened below
// the directory of the including file only, also where links lead elsewhere.
type inclusion struct {
	by    object // the including file
	root  *os.Root
	names []string // as they are found below the root, in the order of reading
	files []object
}

// include reads the files that the configuration names, and returns the mapping of each.
func (o object) include(c *Config) []object {
	items := o.list("include")
	if len(items) == 0 {
		if o.has("include") && !o.failed("include") {
			o.fault("include", "the list is empty: want files or patterns, such as tables/*.yaml")
		}
		return nil
	}
	root, err := os.OpenRoot(filepath.Dir(o.r.file))
	if err != nil {
		o.fault("include", "open the directory of this file: %v", err)
		return nil
	}
	defer root.Close() //nolint:errcheck // it was only read
	in := &inclusion{by: o, root: root}
	for _, it := range items {
		in.pattern(it)
	}
	for _, f := range in.files {
		c.Included = append(c.Included, f.r.file)
	}
	return in.files
}

// pattern reads every file that one element of the list names.
func (in *inclusion) pattern(it item) {
	r := in.by.r
	pattern, ok := r.textNode(it.node, it.path)
	if !ok {
		return
	}
	if err := checkPattern(pattern); err != nil {
		r.fault(it.node, it.path, "%v", err)
		return
	}
	found, err := in.match(path.Clean(pattern))
	if err == nil && len(in.names)+len(found) > maxIncluded {
		err = fmt.Errorf("more than %d files", maxIncluded)
	}
	if err != nil {
		r.fault(it.node, it.path, "%q: %v", clip(pattern), err)
		return
	}
	for _, name := range found {
		if slices.Contains(in.names, name) {
			continue // another pattern has matched it
		}
		in.names = append(in.names, name)
		in.read(name, it)
	}
}

// checkPattern accepts what stays below the directory of the including file.
func checkPattern(pattern string) error {
	switch {
	case pattern == "":
		return errors.New("want a file or a pattern, such as tables/*.yaml")
	case path.IsAbs(pattern) || filepath.IsAbs(pattern):
		return fmt.Errorf("%q is absolute: want a path relative to this file, such as tables/*.yaml", clip(pattern))
	case !filepath.IsLocal(pattern):
		return fmt.Errorf("%q leaves the directory of this file: only files in it and below it can be included", clip(pattern))
	case strings.Contains(pattern, "**"):
		return fmt.Errorf("%q: ** is no pattern; write one * for each directory, such as tables/*/*.yaml", clip(pattern))
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return fmt.Errorf("%q is no pattern: * is any text, ? any character, and [a-z] one of some; \\ before one takes it as it is", clip(pattern))
	}
	return nil
}

var errNoMatch = errors.New("it matches no file")

// match returns the files that a pattern names, in the order of their names. As in a shell, a
// name that begins with a dot is only matched by a pattern that does: editors leave such files.
func (in *inclusion) match(pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, `*?[\`) {
		if _, err := in.root.Stat(pattern); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, errors.New("there is no such file")
			}
			return nil, err
		}
		return []string{pattern}, nil
	}
	all, err := fs.Glob(in.root.FS(), pattern)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(pattern, "/")
	all = slices.DeleteFunc(all, func(name string) bool {
		for i, part := range strings.Split(name, "/") {
			if strings.HasPrefix(part, ".") && !strings.HasPrefix(parts[i], ".") {
				return true
			}
		}
		return false
	})
	if len(all) == 0 {
		return nil, errNoMatch
	}
	return all, nil
}

// read parses one file; it is what faults within it name.
func (in *inclusion) read(name string, it item) {
	text, err := in.text(name)
	if err != nil {
		in.by.r.fault(it.node, it.path, "%s: %v", name, err)
		return
	}
	r := &reader{file: filepath.Join(filepath.Dir(in.by.r.file), filepath.FromSlash(name)), env: in.by.r.env, registry: in.by.r.registry}
	in.by.r.included = append(in.by.r.included, r)
	root := r.document(text, "tables are needed")
	if root == nil {
		return
	}
	if o := r.includedFile(root, in.by.r.file); o.ok {
		in.files = append(in.files, o)
	}
}

// includedFile reads the mapping of an included file, which holds tables and nothing of the process.
func (r *reader) includedFile(root *yaml.Node, by string) object {
	o := r.object(root, "", keysOf("")...)
	for _, key := range keysOf("") {
		switch {
		case !o.has(key) || key == "tables" || key == "endpoints":
		case key == "include":
			r.fault(o.keys[key], key, "an included file includes no others: name them in %s", by)
		default:
			r.fault(o.keys[key], key, "it is of the whole process, and belongs in %s: an included file holds tables and endpoints", by)
		}
	}
	return o
}

// text reads a file of bounded size.
func (in *inclusion) text(name string) ([]byte, error) {
	info, err := in.root.Stat(name)
	if err != nil {
		return nil, err
	}
	if own, err := os.Stat(in.by.r.file); err == nil && os.SameFile(own, info) {
		return nil, errors.New("it is this file itself: keep what is included in a directory of its own")
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	f, err := in.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxIncludedBytes+1))
	if err == nil && len(text) > maxIncludedBytes {
		err = fmt.Errorf("it has more than %d MiB", maxIncludedBytes>>20)
	}
	return text, err
}
