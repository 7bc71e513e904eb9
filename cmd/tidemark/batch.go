package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// longestWait is what one request waits for a batch; a longer --wait asks again.
const longestWait = 30 * time.Second

func (p *program) batchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "batch <table>",
		Short: "Take a batch of a table now",
		Long: `Asks a running process to take a batch of a table now, and writes its number.
With --wait it writes the batch when it is complete.`,
		Example: "  tidemark batch orders --wait\n  tidemark batch orders --wait=2m -o json",
		Args:    cobra.ExactArgs(1),
	}
	address, format := remoteFlag(cmd), outputFlag(cmd)
	wait := cmd.Flags().Duration("wait", 0, "wait so `long` until it is complete; without a value 5m")
	cmd.Flags().Lookup("wait").NoOptDefVal = "5m"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
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
	return format.write(p.stdout, columns, []json.RawMessage{answer}, true)
}

// awaitBatch asks for the list of complete batches until the one that was begun is in it.
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
			return nil, fmt.Errorf("batch %d is not complete after %s; it goes on", want.Batch, wait)
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
		for _, raw := range list.Data {
			got := want
			if json.Unmarshal(raw, &got) == nil && got.Batch == want.Batch {
				return raw, nil
			}
		}
	}
}
