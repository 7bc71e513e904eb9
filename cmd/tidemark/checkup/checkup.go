package checkup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// Level says how bad a finding is.
type Level string

// The levels.
const (
	Problem Level = "problem"
	Note    Level = "note"
)

// Finding is one thing that was found.
type Finding struct {
	ID      findings.ID `json:"finding"`
	Level   Level       `json:"level"`
	Subject string      `json:"subject"` // a table, a topic, a file and line, or broker
	What    string      `json:"what"`
	Remedy  string      `json:"remedy"`
}

// Problems counts the findings that are problems.
func Problems(fs []Finding) int {
	n := 0
	for _, f := range fs {
		if f.Level == Problem {
			n++
		}
	}
	return n
}

// brokerPatience bounds the first contact with the brokers.
const brokerPatience = 10 * time.Second

// Faults turns what is wrong with a configuration into findings.
func Faults(err error) []Finding {
	var faults config.Faults
	if !errors.As(err, &faults) {
		return []Finding{{findings.Configuration, Problem, "configuration", err.Error(), "name the file with -c, or make one with tidemark init"}}
	}
	out := make([]Finding, len(faults))
	for i, f := range faults {
		at := f
		at.Path, at.Message = "", ""
		what := f.Message
		if f.Path != "" {
			what = f.Path + ": " + what
		}
		out[i] = Finding{findings.Configuration, Problem, strings.TrimSuffix(at.Error(), ": "), what, "change the file"}
	}
	return out
}

// Unfit is the finding of a configuration that asks for more than this machine has.
func Unfit(err error) Finding {
	return Finding{findings.Configuration, Problem, "limits", err.Error(), "change limits in the file, or what the process may take"}
}

// Run checks what a configuration refers to. It makes and changes nothing but the
// data directory. An error means that ctx ended.
func Run(ctx context.Context, c *config.Config) ([]Finding, error) {
	var out []Finding
	if err := writable(c.DataDir); err != nil {
		out = append(out, Finding{findings.DataDir, Problem, c.DataDir, err.Error(), "give the process a data_dir that it can write to"})
	}
	if c.Kafka.Embedded && len(c.Kafka.Brokers) == 0 {
		return append(out, Finding{
			findings.EmbeddedAway, Note, "broker", "the embedded broker is not running, so topics and records were not looked at", "run tidemark, then check again",
		}), ctx.Err()
	}
	if f := reach(ctx, c.Kafka.Settings); f != nil {
		return append(out, *f), ctx.Err()
	}
	client, err := c.Kafka.Schemas()
	if err != nil {
		return nil, err
	}
	var schemas avro.Schemas
	if client != nil {
		defer client.Close()
		schemas = client
		out = append(out, answering(ctx, client)...)
	}
	for _, t := range c.Tables {
		out = append(out, table(ctx, c.Kafka.Settings, t, schemas)...)
	}
	return out, ctx.Err()
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".check-")
	if err != nil {
		return err
	}
	_ = f.Close()
	return os.Remove(filepath.Join(dir, filepath.Base(f.Name())))
}

func reach(ctx context.Context, s kafka.Settings) *Finding {
	client, err := s.Client()
	if err == nil {
		defer client.Close()
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, brokerPatience)
		defer cancel()
		err = client.Ping(ctx)
	}
	if err == nil {
		return nil
	}
	why := err.Error()
	if kafka.Unreachable(err) {
		why = kafka.Explain(s.Brokers, err)
	}
	return &Finding{
		findings.BrokerAway, Problem, "broker", fmt.Sprintf("no broker of %v answers: %s", s.Brokers, why),
		"check the addresses, the network, kafka.tls and kafka.sasl",
	}
}

// table checks one table: its topics first, then a sample of its records.
func table(ctx context.Context, s kafka.Settings, t *tables.Table, schemas avro.Schemas) []Finding {
	if missing(ctx, s, t.Source.Topic) {
		left, _ := deadLetters(ctx, s, t)
		return append([]Finding{noSource(t)}, left...) // nothing else can be looked at
	}
	t, told, ok := fromSchema(ctx, s, t, schemas)
	if !ok {
		return told
	}
	current, costs := cost(ctx, s, t)
	costs = append(told, costs...)
	found, err := kafka.Inspect(ctx, s, current)
	if errors.Is(err, kafka.ErrNoSource) {
		return append(costs, readOf(t, current))
	}
	if err != nil {
		return []Finding{{findings.Unreadable, Problem, t.Name, err.Error(), "check the rights of kafka.sasl.username: describe and describe configs"}}
	}
	out := costs
	for _, f := range found {
		out = append(out, Finding{findings.TopicSettings, Problem, t.Name, f.What, f.Remedy})
	}
	left, done := deadLetters(ctx, s, t)
	out = append(out, left...)
	taken, err := sample.Take(ctx, sample.Options{Kafka: s, Topic: t.Source.Topic})
	if errors.Is(err, kafka.ErrNoSource) {
		return append(out, noSource(t))
	}
	if err != nil {
		return append(out, Finding{findings.Unreadable, Problem, t.Name, err.Error(), "check the rights of kafka.sasl.username: read on the source topic"})
	}
	without(taken, done)
	return append(out, Records(t, taken, schemas)...)
}

// missing reports whether there is no such topic. Other checks report whatever else is wrong with it.
func missing(ctx context.Context, s kafka.Settings, topic string) bool {
	client, err := s.Client()
	if err != nil {
		return false
	}
	defer client.Close()
	_, err = kafka.Describe(ctx, client, topic)
	return errors.Is(err, kafka.ErrNoSource)
}

// readOf says that the topic is gone that a table is made of at present.
func readOf(t, current *tables.Table) Finding {
	f := noSource(current)
	f.Subject = t.Name
	return f
}

func noSource(t *tables.Table) Finding {
	return Finding{
		findings.SourceMissing, Problem, t.Name, fmt.Sprintf("the source topic %s does not exist", t.Source.Topic),
		"start the connector, which makes it, or correct source.topic; a running table waits for it",
	}
}
