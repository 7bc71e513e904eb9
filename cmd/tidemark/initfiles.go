package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
)

// writeProposals writes the tables to standard output, or each to a file of its own and a
// configuration that includes them to standard output.
func (p *program) writeProposals(o initOptions, found []*proposal.Proposal, brokers []string) error {
	if o.out == "" {
		return proposal.WriteAll(p.stdout, found, brokers)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("make the directory of the tables: %w", err)
	}
	for _, f := range found {
		name := filepath.Join(o.out, f.Table.Name+".yaml")
		err := writeTable(name, f, o.overwrite)
		switch {
		case errors.Is(err, fs.ErrExist):
			p.say("%s is there already and stays as it is; --overwrite writes it anew", name)
		case err != nil:
			return fmt.Errorf("write a table: %w", err)
		default:
			p.say("%s written", name)
		}
	}
	return proposal.WriteIncluding(p.stdout, found, brokers, path.Join(filepath.ToSlash(o.out), "*.yaml"))
}

// writeTable writes one file whole or not at all. One that is there is left alone unless it is to be overwritten.
func writeTable(name string, found *proposal.Proposal, overwrite bool) error {
	if _, err := os.Lstat(name); err == nil && !overwrite {
		return fs.ErrExist
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".*.yaml.new")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone when all went well
	err = errors.Join(found.WriteTable(f), f.Chmod(0o644), f.Close())
	switch {
	case err != nil:
		return err
	case overwrite:
		return os.Rename(f.Name(), name)
	}
	return os.Link(f.Name(), name) // unlike a rename, it replaces nothing that was made meanwhile
}
