package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// longestWait is what one request waits for a batch; a longer --wait asks again.
const longestWait = 30 * time.Second

// defaultWait is how long --wait waits without a value.
const defaultWait = 5 * time.Minute

func (p *program) batchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "batch <table>",
		Short: "Take a batch of a table now",
		Long: `Asks a running process to take a batch of a table now, and writes its number.
With --wait it writes the batch when it is complete.`,
		Example: "  tidemark batch orders --wait\n  tidemark batch orders --wait 2m -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			_, rest := waitOf(cmd, args)
			return arguments(cmd, rest)
		},
	}
	address, format := remoteFlag(cmd), outputFlag(cmd)
	wait := cmd.Flags().Duration("wait", 0, "wait so `long` until it is complete; without a value 5m")
	cmd.Flags().Lookup("wait").NoOptDefVal = defaultWait.String()
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if long, rest := waitOf(cmd, args); long > 0 {
			*wait, args = long, rest
		}
		if *wait < 0 {
			return usage(fmt.Errorf("--wait %s: want a length of time", *wait))
		}
		r, err := p.connect(*address)
		if err != nil {
			return err
		}
		return p.takeBatch(cmd.Context(), r, *format, args[0], *wait)
	}
	return cmd
}

// waitOf takes the length of time out of the arguments that comes after a --wait without
// a value, as in --wait 2m. No table has such a name.
func waitOf(cmd *cobra.Command, args []string) (time.Duration, []string) {
	f := cmd.Flag("wait")
	if !f.Changed || f.Value.String() != defaultWait.String() || len(args) != 2 {
		return 0, args
	}
	for i, a := range args {
		if long, err := time.ParseDuration(a); err == nil && long > 0 {
			return long, slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return 0, args
}

func (p *program) takeBatch(ctx context.Context, r *remote, format outputFormat, table string, wait time.Duration) error {
	path := "/v1/tables/" + url.PathEscape(table) + "/batches"
	query := ""
	if wait > 0 {
		query = "?wait=" + min(wait, longestWait).String()
	}
	stop := p.spin(fmt.Sprintf("taking a batch of %s", table))
	defer stop()
	answer, status, err := r.call(ctx, http.MethodPost, path+query)
	if err != nil {
		return err
	}
	if wait > 0 && status != http.StatusCreated {
		if answer, err = r.awaitBatch(ctx, path, answer, wait); err != nil {
			return err
		}
	}
	stop()
	columns, err := memberNames(answer)
	if err != nil {
		return err
	}
	return p.writeOne(format, columns, answer)
}

// awaitBatch asks for the list of complete batches until the one that was begun is in it,
// or a later one, which has all that it would have.
func (r *remote) awaitBatch(ctx context.Context, path string, begun json.RawMessage, wait time.Duration) (json.RawMessage, error) {
	var want struct {
		Batch uint64 `json:"batch"`
	}
	if err := json.Unmarshal(begun, &want); err != nil {
		return nil, fmt.Errorf("read the number of the batch: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("batch %d is not complete after %s; it continues", want.Batch, wait)
		case <-tick.C:
		}
		answer, _, err := r.call(ctx, http.MethodGet, path)
		if err != nil {
			return nil, err
		}
		var list struct {
			Data []json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, fmt.Errorf("read the list of batches: %w", err)
		}
		for _, raw := range slices.Backward(list.Data) { // the oldest first
			got := want
			if json.Unmarshal(raw, &got) == nil && got.Batch >= want.Batch {
				return raw, nil
			}
		}
	}
}
