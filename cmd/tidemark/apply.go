package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/definitions"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

func (p *program) applyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply [table...]",
		Short: "Serve tables by the definitions of the configuration",
		Long: `Compares the definitions of the configuration with those that the tables are served
by, says what changes, what readers lose and what is read again, and makes the change
when that is agreed to: on a terminal by an answer, in a script by --yes.

A process that starts makes additions by itself. What takes something away from readers
(another topic, key, format, partitioner or where, a column dropped or of another type)
is made by this command only: until then the table goes on as it is.

The running processes build the new generation beside the one that is read. Interrupting
the command does not end that.

The exit code is 4 when there are changes that nobody has agreed to.`,
		Example: "  tidemark apply\n  tidemark apply orders --yes -o json",
		Args:    arguments,
	}
	yes := cmd.Flags().Bool("yes", false, "agree to everything")
	wait := cmd.Flags().Bool("wait", true, "wait until readers see the new definitions")
	format := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := p.load()
		if err != nil {
			return err
		}
		a := applying{program: p, yes: *yes, wait: *wait, format: *format}
		return a.run(cmd.Context(), c, args)
	}
	return cmd
}

// applying makes the definitions of a configuration those of its tables.
type applying struct {
	*program
	settings  kafka.Settings
	yes, wait bool
	format    outputFormat
}

func (a *applying) run(ctx context.Context, c *config.Config, names []string) error {
	chosen, err := chosenTables(c, names)
	if err != nil {
		return err
	}
	if err := embeddedConnection(c); err != nil {
		return err
	}
	a.settings = c.Kafka.Settings
	changes, err := a.plan(ctx, chosen)
	if err != nil {
		return err
	}
	wanted := slices.ContainsFunc(changes, func(c definitions.Change) bool { return c.Wanted() })
	if wanted && !a.yes && !a.agreed() {
		return &codeError{exitDiffers, errors.New("nothing was changed: nobody has agreed to it; --yes does")}
	}
	return a.apply(ctx, changes)
}

// chosenTables are those of the configuration that have the names; all without names.
func chosenTables(c *config.Config, names []string) ([]*tables.Table, error) {
	if len(names) == 0 {
		return c.Tables, nil
	}
	var out []*tables.Table
	for _, name := range names {
		t, err := declared(c, name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// plan finds what changes, and reports it.
func (a *applying) plan(ctx context.Context, chosen []*tables.Table) ([]definitions.Change, error) {
	var out []definitions.Change
	for _, t := range chosen {
		change, err := definitions.Find(ctx, a.settings, t)
		if err != nil {
			return nil, err
		}
		out = append(out, change)
		if !change.Wanted() {
			continue
		}
		a.say("%s: the present definition was made by %s", t.Name, change.By)
		for _, what := range change.Effects {
			a.say("  %s", what)
		}
		if len(change.Taken) > 0 {
			a.say("  readers lose by it: %s", strings.Join(change.Taken, "; "))
		}
	}
	return out, nil
}

// agreed asks a person.
func (a *applying) agreed() bool {
	if !isTerminal(a.stderr) || !isTerminal(os.Stdin) {
		return false
	}
	fmt.Fprint(a.stderr, "make these changes? [y/N] ")
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n') // what cannot be read is no yes
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
}

// applied is what is reported of a table.
type applied struct {
	Table      string `json:"table"`
	Result     string `json:"result"`
	Generation int    `json:"generation,omitempty"`
}

// apply makes changes, and writes what came of them.
func (a *applying) apply(ctx context.Context, changes []definitions.Change) error {
	done := make([]applied, len(changes))
	for i := range changes {
		change := &changes[i]
		done[i] = applied{Table: change.Table.Name, Result: "unchanged"}
		switch {
		case change.Relation == generations.Building:
			done[i].Generation = change.Build
		case change.Wanted():
			var err error
			if done[i].Generation, err = change.Ask(ctx, a.settings, thisBuild().Version); err != nil {
				return err
			}
		}
	}
	if err := a.awaitBuilt(ctx, changes, done); err != nil {
		return err
	}
	objects := make([]json.RawMessage, len(done))
	for i := range done {
		raw, err := json.Marshal(done[i])
		if err != nil {
			return err
		}
		objects[i] = raw
	}
	return a.format.write(a.stdout, []string{"table", "result", "generation"}, objects, false)
}

// awaitBuilt fills in what came of the generations that were asked for.
func (a *applying) awaitBuilt(ctx context.Context, changes []definitions.Change, done []applied) error {
	for i := range done {
		if done[i].Generation == 0 {
			continue
		}
		if done[i].Result = "building"; !a.wait {
			continue
		}
		stop := a.spin(fmt.Sprintf("building generation %d of %s", done[i].Generation, done[i].Table))
		outcome, err := definitions.Await(ctx, a.settings, changes[i].Table, done[i].Generation)
		stop()
		if err != nil {
			return fmt.Errorf("table %s: %w", done[i].Table, err)
		}
		if done[i].Result = string(outcome); outcome == definitions.Waiting {
			a.say("no process runs table %s: the next one builds generation %d", done[i].Table, done[i].Generation)
		}
	}
	return nil
}
