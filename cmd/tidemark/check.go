package main

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

func (p *program) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check configuration, brokers, topics and records",
		Long: `Checks the configuration, the brokers, the topics of every table, the source's
partitioner and converters (on a sample of records), compaction and retention.
Each finding comes with its remedy. It changes nothing.

The exit code is 4 when there are problems; notes alone are fine.`,
		Args: cobra.NoArgs,
	}
	format := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var findings []checkup.Finding
		c, err := p.load()
		if err != nil {
			findings = checkup.Faults(err)
		} else if findings, err = p.examine(cmd.Context(), c); err != nil {
			return err
		}
		if err := p.report(*format, findings); err != nil {
			return err
		}
		if checkup.Problems(findings) > 0 {
			return errDiffers
		}
		return nil
	}
	return cmd
}

func (p *program) report(format outputFormat, findings []checkup.Finding) error {
	problems := checkup.Problems(findings)
	p.say("%d problems, %d notes", problems, len(findings)-problems)
	if len(findings) == 0 && format == outputTable {
		return nil
	}
	objects := make([]json.RawMessage, len(findings))
	for i, f := range findings {
		raw, err := json.Marshal(f)
		if err != nil {
			return err
		}
		objects[i] = raw
	}
	return format.write(p.stdout, []string{"level", "subject", "what", "remedy"}, objects, false)
}

// examine checks what the configuration refers to; the embedded broker is that of
// a running process, if there is one.
func (p *program) examine(ctx context.Context, c *config.Config) ([]checkup.Finding, error) {
	if err := embeddedConnection(c); err != nil {
		p.say("%v", err)
	}
	stop := p.spin("checking")
	defer stop()
	return checkup.Run(ctx, c)
}
