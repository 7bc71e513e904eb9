package main

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) getCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get <table> <key>...",
		Short: "Read one row of a running process",
		Long: `Reads one row by its key from a running process.

A composite key is either several arguments, one value each, or one argument as
it stands in a URL: 42,eu with %2C for a comma inside a value.`,
		Example: "  tidemark get orders 42\n  tidemark get stock 42 eu -o json",
		Args:    arguments,
	}
	address, format := remoteFlag(cmd), outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := p.connect(*address)
		if err != nil {
			return err
		}
		return p.get(cmd.Context(), r, *format, args[0], args[1:])
	}
	return cmd
}

func (p *program) get(ctx context.Context, r *remote, format outputFormat, table string, key []string) error {
	row, _, err := r.call(ctx, http.MethodGet, "/v1/tables/"+url.PathEscape(table)+"/rows/"+keyPath(key))
	if err != nil {
		return err
	}
	columns, err := memberNames(row)
	if err != nil {
		return err
	}
	return p.writeOne(format, columns, row)
}

var escaped = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// keyPath writes a key as the last part of a path.
func keyPath(key []string) string {
	if len(key) == 1 {
		parts := strings.Split(key[0], ",")
		for i, part := range parts {
			if !escaped.MatchString(part) {
				parts[i] = url.PathEscape(part)
			}
		}
		return strings.Join(parts, ",")
	}
	parts := make([]string, len(key))
	for i, value := range key {
		parts[i] = strings.ReplaceAll(url.PathEscape(value), ",", "%2C")
	}
	return strings.Join(parts, ",")
}
