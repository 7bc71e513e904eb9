package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// replaying is what a replay is asked for.
type replaying struct {
	from                     string
	sweep, restart, declared bool
	wait                     bool
}

func (p *program) replayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay <table>",
		Short: "Build a table anew from its source",
		Long: `Asks the running processes to build a table anew from its source topic, beside the
one that is read, and waits until readers see it. Nothing is missing meanwhile.

Rows of which the source no longer tells are taken over from the table as it is; with
--sweep they are removed, after the source was read to its end, and counted. An older
event never takes the place of a newer one.

Interrupting the command does not end the replay: running processes finish it.`,
		Example: `  tidemark replay orders
  tidemark replay orders --from 2026-11-01T00:00:00Z
  tidemark replay orders --from 0:1204,1:998 --sweep -o json`,
		Args: arguments,
	}
	var o replaying
	address, format := remoteFlag(cmd), outputFlag(cmd)
	cmd.Flags().StringVar(&o.from, "from", "earliest", "where to `begin`: earliest, a time such as 2026-11-01T00:00:00Z, or an offset for each partition such as 0:1204,1:998")
	cmd.Flags().BoolVar(&o.sweep, "sweep", false, "remove the rows that the source no longer has, instead of taking them over")
	cmd.Flags().BoolVar(&o.restart, "restart", false, "give up a replay of the table that is under way")
	cmd.Flags().BoolVar(&o.declared, "declared", false, "take the definition that the process's configuration has, where another one is served")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "wait until readers see the table")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := p.connect(*address)
		if err != nil {
			return err
		}
		return p.replay(cmd.Context(), r, *format, args[0], o)
	}
	return cmd
}

func (p *program) replay(ctx context.Context, r *remote, format outputFormat, table string, o replaying) error {
	path := "/v1/tables/" + url.PathEscape(table)
	q := url.Values{"from": {o.from}}
	for name, on := range map[string]bool{"sweep": o.sweep, "restart": o.restart, "declared": o.declared} {
		if on {
			q.Set(name, "true")
		}
	}
	answer, _, err := r.call(ctx, http.MethodPost, path+"/replay?"+q.Encode())
	if err != nil {
		return err
	}
	var begun struct {
		Generation int `json:"generation"`
	}
	if err := json.Unmarshal(answer, &begun); err != nil {
		return fmt.Errorf("read the number of the generation: %w", err)
	}
	if o.wait {
		p.say("building generation %d of %s", begun.Generation, table)
		if answer, err = p.awaitGeneration(ctx, r, path, begun.Generation); err != nil {
			return err
		}
	}
	columns, err := memberNames(answer)
	if err != nil {
		return err
	}
	return p.writeOne(format, columns, answer)
}

// tableState is what a replay looks at in a table's description.
type tableState struct {
	Generation struct {
		Number int `json:"number"`
		Build  *struct {
			Generation int    `json:"generation"`
			Phase      string `json:"phase"`
			Done       int64  `json:"done"`
			Total      int64  `json:"total"`
			Note       string `json:"note"`
		} `json:"build"`
		Last json.RawMessage `json:"last"`
	} `json:"generation"`
}

// awayFor is how long the process may not answer while a replay is waited for: it
// may be started again meanwhile.
const awayFor = time.Minute

// awaitGeneration waits until a generation is read, and returns how its build ended.
func (p *program) awaitGeneration(ctx context.Context, r *remote, path string, generation int) (json.RawMessage, error) {
	bar := p.bar(fmt.Sprintf("generation %d", generation))
	defer bar.end()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	answered := time.Now()
	for {
		answer, status, err := r.call(ctx, http.MethodGet, path)
		switch {
		case ctx.Err() != nil:
			bar.end()
			p.say("the replay continues; GET %s shows its progress", path)
			return nil, ctx.Err()
		case err == nil:
			answered = time.Now()
			var s tableState
			if err := json.Unmarshal(answer, &s); err != nil {
				return nil, fmt.Errorf("read the table's state: %w", err)
			}
			if last, err := s.ended(generation); last != nil || err != nil {
				return last, err
			}
			if b := s.Generation.Build; b != nil {
				bar.show(b.Phase, b.Done, b.Total, b.Note)
			}
		case status == http.StatusNotFound || time.Since(answered) > awayFor:
			return nil, fmt.Errorf("wait for generation %d, whose build continues: %w", generation, err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// ended returns how the build of a generation ended, once readers see it.
func (s *tableState) ended(generation int) (json.RawMessage, error) {
	var last struct {
		Generation int    `json:"generation"`
		Failure    string `json:"failure"`
	}
	if s.Generation.Last != nil {
		if err := json.Unmarshal(s.Generation.Last, &last); err != nil {
			return nil, fmt.Errorf("read how the build ended: %w", err)
		}
	}
	b := s.Generation.Build
	switch {
	case last.Generation == generation && last.Failure != "":
		return nil, errors.New(last.Failure)
	case last.Generation == generation && s.Generation.Number == generation:
		return s.Generation.Last, nil
	case last.Generation > generation, b != nil && b.Generation > generation:
		return nil, fmt.Errorf("generation %d was given up for a later one", generation)
	}
	return nil, nil
}
