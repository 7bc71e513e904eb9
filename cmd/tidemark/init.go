package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/kafka"
)

func (p *program) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init --brokers <host:port,...> --topic <topic>",
		Short: "Propose a configuration for a topic",
		Long: `Reads a sample of a CDC topic and writes a configuration with the table that could
be made from it: types, key and sort key, and what it could not know as comments.
With --config the connection is that of the file, for brokers with TLS or SASL.`,
		Example: "  tidemark init --brokers localhost:9092 --topic shop.public.orders > tidemark.yaml",
		Args:    cobra.NoArgs,
	}
	brokers := cmd.Flags().StringSlice("brokers", nil, "host:port of some of the brokers")
	topic := cmd.Flags().String("topic", "", "the CDC topic")
	name := cmd.Flags().String("name", "", "the table's name; default: the last part of the topic's")
	records := cmd.Flags().Int("records", 500, "how many of the newest records of each partition to look at")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := p.connection(*brokers, cmd.Flags().Changed("config"))
		if err != nil {
			return err
		}
		if *topic == "" {
			return usage(errNeeded)
		}
		if *records < 1 {
			return usage(fmt.Errorf("--records %d: want at least 1", *records))
		}
		stop := p.spin("reading a sample of " + *topic)
		taken, err := sample.Take(cmd.Context(), sample.Options{Kafka: settings, Topic: *topic, Records: *records})
		stop()
		if errors.Is(err, kafka.ErrNoSource) {
			return notFound(err)
		}
		if err != nil {
			return err
		}
		return p.propose(taken, *name, settings)
	}
	return cmd
}

var errNeeded = errors.New("--brokers and --topic are both needed")

// connection returns how to reach the brokers: as the configuration says, if one
// is named, else without encryption and identity.
func (p *program) connection(brokers []string, configured bool) (kafka.Settings, error) {
	settings := kafka.Settings{Brokers: brokers}
	if configured {
		c, err := p.load()
		if err != nil {
			return settings, err
		}
		if err := embeddedConnection(c); err != nil {
			return settings, err
		}
		settings = c.Kafka.Settings
		if len(brokers) > 0 {
			settings.Brokers = brokers
		}
	}
	if len(settings.Brokers) == 0 {
		return settings, usage(errNeeded)
	}
	if err := settings.Validate(); err != nil {
		return settings, usage(err)
	}
	return settings, nil
}

func (p *program) propose(taken *sample.Sample, name string, settings kafka.Settings) error {
	found, err := proposal.From(taken, name)
	if err != nil {
		return err
	}
	if settings.TLS.Enabled || settings.SASL.Mechanism != "" {
		found.Notes = append(found.Notes, "kafka.tls and kafka.sasl are not written here: take them over from the configuration that was used")
	}
	for _, n := range found.Notes {
		p.say("note: %s", n)
	}
	if err := found.Clean(taken.Records); err != nil {
		p.say("note: a record of the sample does not fit the proposal: %v", err)
	}
	p.say("%d of %d columns are certain; see the comments", len(found.Table.Columns)-len(found.Doubts), len(found.Table.Columns))
	return found.Write(p.stdout, settings.Brokers)
}
