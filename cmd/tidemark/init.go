package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/kafka"
)

// initOptions say what is proposed, and where it is written.
type initOptions struct {
	topics    []string // names and patterns
	name      string   // of the only table; empty: made of the topic's
	records   int      // of each partition
	out       string   // a directory for a file a table; empty: all on standard output
	overwrite bool     // also files that there are
	source    string   // the address of the database that the topics are of; may be empty
}

func (p *program) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init --brokers <host:port,...> --topic <topic>",
		Short: "Propose a configuration for topics",
		Long: `Reads a sample of CDC topics and writes a configuration with the tables that could
be made from them: types, key and sort key, and what it could not know as questions.
A topic may be a pattern such as 'shop.public.*'; several stand behind commas, or
--topic is repeated. With --out each table gets a file of its own there, which the
configuration includes; files that there are stay as they are.
With --config the connection is that of the file, for brokers with TLS or SASL.

With --source the types, scales and keys are those of the database, and the records say
how the connector writes them: no question is left, also where records carry no schema.
Without --topic, all topics are taken that are named after tables of the database.`,
		Example: "  tidemark init --brokers localhost:9092 --topic shop.public.orders > tidemark.yaml\n" +
			"  tidemark init --brokers localhost:9092 --topic 'shop.public.*' --out tables > tidemark.yaml\n" +
			"  tidemark init --brokers localhost:9092 --source postgres://reader:secret@db:5432/shop --out tables > tidemark.yaml",
		Args: arguments,
	}
	var o initOptions
	brokers := cmd.Flags().StringSlice("brokers", nil, "host:port of some of the brokers")
	registryURL := cmd.Flags().String("schema-registry", "", "http://host:port of the schema registry, for records in Avro")
	cmd.Flags().StringSliceVar(&o.topics, "topic", nil, "a CDC topic, or a pattern of their names")
	cmd.Flags().StringVar(&o.name, "name", "", "the table's name; default: the last part of the topic's")
	cmd.Flags().IntVar(&o.records, "records", 500, "how many of the newest records of each partition to look at")
	cmd.Flags().StringVar(&o.source, "source", "", "the `address` of the database that the topics are of: postgres://... or mysql://...")
	cmd.Flags().StringVar(&o.out, "out", "", "a directory below this one: write one file for each table")
	cmd.Flags().BoolVar(&o.overwrite, "overwrite", false, "write files of --out also where there are some of these names")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		connection, err := p.connection(*brokers, *registryURL, cmd.Flags().Changed("config"))
		if err != nil {
			return err
		}
		if err := o.check(); err != nil {
			return usage(err)
		}
		return p.proposeAll(cmd.Context(), o, connection)
	}
	return cmd
}

var errNeeded = errors.New("--brokers and --topic are both needed; with --source, --brokers alone")

func (o initOptions) check() error {
	switch {
	case len(o.topics) == 0 && o.source == "" || slices.Contains(o.topics, ""):
		return errNeeded
	case o.records < 1:
		return fmt.Errorf("--records %d: want at least 1", o.records)
	case o.overwrite && o.out == "":
		return errors.New("--overwrite is of the files of --out, which is not given")
	case o.out != "" && !filepath.IsLocal(o.out):
		return fmt.Errorf("--out %s: want a directory below this one, from which a configuration can include files", o.out)
	case strings.ContainsAny(o.out, `*?[\`):
		return fmt.Errorf("--out %s: want a directory without characters of a pattern in its name", o.out)
	}
	return nil
}

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

// proposeAll proposes a table for each topic, and writes all that it could.
func (p *program) proposeAll(ctx context.Context, o initOptions, connection config.Kafka) error {
	source, err := p.readSource(ctx, o.source)
	if err != nil {
		return err
	}
	topics, err := o.match(ctx, connection, source)
	if err != nil {
		return err
	}
	client, err := connection.Schemas()
	if err != nil {
		return err
	}
	var schemas avro.Schemas
	if client != nil {
		defer client.Close()
		schemas = client
	}
	one := proposer{program: p, options: o, connection: connection, schemas: schemas, source: source, alone: len(topics) == 1}
	found, failed, err := one.proposeEach(ctx, topics)
	if err != nil {
		return err
	}
	if source != nil {
		one.finish()
	}
	proposal.Distinguish(found)
	if err := p.writeProposals(o, found, connection.Brokers); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d topics gave no table", failed, len(topics))
	}
	return nil
}

// match returns the topics that are asked for, which with a source need not be named.
func (o initOptions) match(ctx context.Context, connection config.Kafka, source *source) ([]sample.Found, error) {
	asked := o.topics
	if len(asked) == 0 {
		asked = []string{"*"}
	}
	topics, err := sample.Match(ctx, connection.Settings, asked)
	switch {
	case errors.Is(err, kafka.ErrNoSource):
		return nil, notFound(err)
	case err != nil:
		return nil, err
	case len(o.topics) == 0:
		topics, err = source.only(topics)
	}
	if err == nil && o.name != "" && len(topics) > 1 {
		err = usage(fmt.Errorf("--name is of one table, and these are %d topics", len(topics)))
	}
	return topics, err
}

// proposeEach proposes tables for topics, says which gave none, and returns how many of those
// had been named.
func (one *proposer) proposeEach(ctx context.Context, topics []sample.Found) (found []*proposal.Proposal, failed int, err error) {
	for i, name := range proposal.Names(namesOf(topics)) {
		made, err := one.propose(ctx, topics[i].Name, name)
		switch {
		case err == nil:
			found = append(found, made...)
		case one.alone || ctx.Err() != nil:
			return nil, 0, err
		case topics[i].Named:
			failed++
			one.program.say("no table: %v", err)
		default:
			one.program.say("left out: %v", err)
		}
	}
	if len(found) == 0 {
		return nil, 0, errors.New("no table could be proposed")
	}
	return found, failed, nil
}

func namesOf(topics []sample.Found) []string {
	out := make([]string, len(topics))
	for i, t := range topics {
		out[i] = t.Name
	}
	return out
}

// proposer makes proposals by one connection.
type proposer struct {
	program    *program
	options    initOptions
	connection config.Kafka
	schemas    avro.Schemas
	source     *source // may be nil
	alone      bool    // there is one topic, whose table need not be named
}

// propose proposes the tables of a topic, which is one unless records tell of several.
func (o proposer) propose(ctx context.Context, topic, name string) ([]*proposal.Proposal, error) {
	stop := o.program.spin("reading a sample of " + topic)
	taken, err := sample.Take(ctx, sample.Options{Kafka: o.connection.Settings, Topic: topic, Records: o.options.records})
	stop()
	if errors.Is(err, kafka.ErrNoSource) {
		return nil, notFound(err)
	}
	if err != nil {
		return nil, err
	}
	var found []*proposal.Proposal
	if o.options.name != "" { // of one table
		var only *proposal.Proposal
		only, err = proposal.From(taken, o.options.name, o.schemas, o.source.tables())
		found = append(found, only)
	} else {
		found, err = proposal.All(taken, name, o.schemas, o.source.tables())
	}
	if err != nil {
		return nil, err
	}
	if o.source != nil {
		o.source.hold(found, topic, taken)
		return found, nil
	}
	for _, f := range found {
		o.complete(f)
		o.tell(f, taken.Records, o.alone && len(found) == 1)
	}
	return found, nil
}

// complete adds what the connection knows.
func (o proposer) complete(found *proposal.Proposal) {
	k := o.connection
	if k.TLS.Enabled || k.SASL.Mechanism != "" {
		found.Notes = append(found.Notes, "kafka.tls and kafka.sasl are not written here: take them over from the configuration that was used")
	}
	if !found.Table.Source.Format.Avro() {
		return
	}
	found.Registry = k.Registry.URL
	if k.Registry.Username != "" {
		found.Notes = append(found.Notes, "username and password of kafka.schema_registry are not written here: take them over from the configuration that was used")
	}
}

// tell says what is to be known of a proposal, with its name where there are several.
func (o proposer) tell(found *proposal.Proposal, tried []*codecs.Record, alone bool) {
	of := ""
	if !alone {
		of = found.Table.Name + ": "
	}
	for _, n := range found.Notes {
		o.program.say("note: %s%s", of, n)
	}
	if err := found.Clean(tried, o.schemas); err != nil {
		o.program.say("note: %sa record of the sample does not fit the proposal: %v", of, err)
	}
	o.program.say("%s%d of %d columns are certain; see the comments", of, len(found.Table.Columns)-len(found.Doubts), len(found.Table.Columns))
}
