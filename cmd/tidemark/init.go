package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/registry"
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
		Args:    arguments,
	}
	brokers := cmd.Flags().StringSlice("brokers", nil, "host:port of some of the brokers")
	topic := cmd.Flags().String("topic", "", "the CDC topic")
	name := cmd.Flags().String("name", "", "the table's name; default: the last part of the topic's")
	registryURL := cmd.Flags().String("schema-registry", "", "http://host:port of the schema registry, for records in Avro")
	records := cmd.Flags().Int("records", 500, "how many of the newest records of each partition to look at")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		connection, err := p.connection(*brokers, *registryURL, cmd.Flags().Changed("config"))
		if err != nil {
			return err
		}
		settings := connection.Settings
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
		return p.propose(taken, *name, connection)
	}
	return cmd
}

var errNeeded = errors.New("--brokers and --topic are both needed")

// connection returns how to reach the brokers and the schema registry: as the
// configuration says, if one is named, else without encryption and identity.
func (p *program) connection(brokers []string, registryURL string, configured bool) (config.Kafka, error) {
	var out config.Kafka
	if configured {
		c, err := p.load()
		if err != nil {
			return out, err
		}
		if err := embeddedConnection(c); err != nil {
			return out, err
		}
		out = c.Kafka
	}
	if len(brokers) > 0 {
		out.Brokers = brokers
	}
	if registryURL != "" {
		out.Registry = registry.Settings{URL: registryURL}
		if err := out.Registry.Validate(); err != nil {
			return out, usage(fmt.Errorf("--schema-registry: %w", err))
		}
	}
	if len(out.Brokers) == 0 {
		return out, usage(errNeeded)
	}
	if err := out.Validate(); err != nil {
		return out, usage(err)
	}
	return out, nil
}

func (p *program) propose(taken *sample.Sample, name string, connection config.Kafka) error {
	client, err := connection.Schemas(nil)
	if err != nil {
		return err
	}
	var schemas avro.Schemas
	if client != nil {
		defer client.Close()
		schemas = client
	}
	found, err := proposal.From(taken, name, schemas)
	if err != nil {
		return err
	}
	if connection.TLS.Enabled || connection.SASL.Mechanism != "" {
		found.Notes = append(found.Notes, "kafka.tls and kafka.sasl are not written here: take them over from the configuration that was used")
	}
	if found.Table.Source.Format.Avro() {
		found.Registry = connection.Registry.URL
		if connection.Registry.Username != "" {
			found.Notes = append(found.Notes, "username and password of kafka.schema_registry are not written here: take them over from the configuration that was used")
		}
	}
	for _, n := range found.Notes {
		p.say("note: %s", n)
	}
	if err := found.Clean(taken.Records, schemas); err != nil {
		p.say("note: a record of the sample does not fit the proposal: %v", err)
	}
	p.say("%d of %d columns are certain; see the comments", len(found.Table.Columns)-len(found.Doubts), len(found.Table.Columns))
	return found.Write(p.stdout, connection.Brokers)
}
