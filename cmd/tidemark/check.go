package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/system"
)

func (p *program) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check configuration, brokers, topics and records",
		Long: `Checks the configuration, the brokers, the topics of every table, the source's
partitioner and converters (on a sample of records), compaction and retention.
Each finding comes with its name and its remedy. It changes nothing.

On a terminal the findings are paragraphs; elsewhere each is one line, and notes that say
the same of several tables are one. -o json and -o csv write each of them. Notes that were
answered are left out with check.ignore in the configuration.

The exit code is 4 when there are problems; notes alone are fine.`,
		Args: arguments,
	}
	format := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var found []checkup.Finding
		ignored := 0
		c, err := p.load()
		if err != nil {
			found = checkup.Faults(err)
		} else {
			if len(c.Included) > 0 {
				p.say("%s and %s", c.File, files(len(c.Included)))
			}
			if found, err = p.examine(cmd.Context(), c); err != nil {
				return err
			}
			found, ignored = checkup.Ignore(found, c.Ignore)
		}
		if err := p.report(*format, found, ignored); err != nil {
			return err
		}
		if checkup.Problems(found) > 0 {
			return errDiffers
		}
		return nil
	}
	return cmd
}

// files counts the files that a configuration includes.
func files(n int) string {
	if n == 1 {
		return "1 file that it includes"
	}
	return fmt.Sprintf("%d files that it includes", n)
}

// examine checks what the configuration refers to; the embedded broker is that of
// a running process, if there is one.
func (p *program) examine(ctx context.Context, c *config.Config) ([]checkup.Finding, error) {
	if err := embeddedConnection(c); err != nil {
		p.say("%v", err)
	}
	stop := p.spin("checking")
	defer stop()
	found, err := checkup.Run(ctx, c)
	if _, unfit := system.PlanBudget(c); unfit != nil {
		found = append(found, checkup.Unfit(unfit))
	}
	return found, err
}
