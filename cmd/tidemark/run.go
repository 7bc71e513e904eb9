package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/system"
	"github.com/tidemark/tidemark/kafka"
)

func (p *program) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Keep the tables and serve them",
		Long: `Runs what the configuration asks for until SIGINT or SIGTERM, which drain and stop
in seconds; a second one ends the process at once.`,
		Example: "  tidemark run -c tidemark.yaml",
		Args:    arguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.load()
			if err != nil {
				return err
			}
			p.tuneCollector()
			log := system.NewLogger(p.stderr, c.Log)
			go adviseTopics(cmd.Context(), c, log)
			return system.Run(cmd.Context(), system.Options{Config: c, Version: thisBuild().Version, Logger: log})
		},
	}
}

// tuneCollector lets the heap grow to three times what is alive before it is
// collected, unless the environment says otherwise: the rows in memory are long-lived, and
// looking through them more often costs a tenth of the ingestion.
func (p *program) tuneCollector() {
	const percent = 200
	if _, set := p.environment("GOGC"); !set {
		debug.SetGCPercent(percent)
	}
}

// adviseTopics logs once what is unwise about topics that exist already. What cannot
// be worked with is reported by the processors, again and again.
func adviseTopics(ctx context.Context, c *config.Config, log *slog.Logger) {
	if c.Kafka.Embedded {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	told := events.Log(log)
	for _, t := range c.Tables {
		found, err := kafka.Inspect(ctx, c.Kafka.Settings, t)
		if err != nil {
			told.TopicsNotInspected(events.TopicsNotInspected{Table: t.Name, Err: err})
			continue
		}
		for _, f := range found {
			if f.Err == nil {
				told.TopicUnwise(events.TopicUnwise{Table: t.Name, Topic: f.Topic, Found: f.What, Remedy: f.Remedy})
			}
		}
	}
}

// embeddedConnection fills in where the embedded broker of a running process is.
func embeddedConnection(c *config.Config) error {
	if !c.Kafka.Embedded {
		return nil
	}
	addr := system.EmbeddedAddress(c.BrokerDir())
	if addr == "" {
		return fmt.Errorf("the embedded broker in %s was never started", c.BrokerDir())
	}
	c.Kafka.Brokers = []string{addr}
	return nil
}
