package config

import (
	"log/slog"
	"path/filepath"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// Config is a whole configuration, with defaults filled in.
type Config struct {
	File     string
	Included []string // the files that it includes
	Kafka    Kafka
	DataDir  string // holds one directory per table, and the embedded broker's
	Roles    Roles
	HTTP     HTTP
	Log      Log
	Ignore   []Ignored // what check leaves out
	Limits   Limits
	Tables   []*tables.Table
}

// Kafka is the connection, or the wish for a broker inside the process, which
// then has no addresses yet.
type Kafka struct {
	kafka.Settings
	Embedded bool
	Registry registry.Settings // without an URL there is none
}

// Schemas returns a client of the schema registry, to be closed, or nil when none is declared.
func (k Kafka) Schemas() (*registry.Client, error) {
	if k.Registry == (registry.Settings{}) {
		return nil, nil //nolint:nilnil // there is none
	}
	return registry.New(registry.Options{Settings: k.Registry, Patience: 5 * time.Second})
}

// RegistryOptions returns those of a client of the schema registry, which logs when it is away.
func (k Kafka) RegistryOptions(logger *slog.Logger) registry.Options {
	told := events.Log(logger.With("component", "registry", "url", k.Registry.URL))
	return registry.Options{
		Settings: k.Registry,
		Away:     func(err error) { told.RegistryAway(events.RegistryAway{Err: err}) },
		Answers:  func(away time.Duration) { told.RegistryAnswers(events.RegistryAnswers{Away: away}) },
	}
}

// Roles says what a process does; at least one of them.
type Roles struct{ Processor, View bool }

// HTTP says where and to whom rows are served.
type HTTP struct {
	Listen      string // host:port
	CertFile    string // with KeyFile, when the listener is encrypted
	KeyFile     string
	Open        bool     // auth: none; without it only loopback is served
	CORSOrigins []string // origins of web pages that may read, or *
}

// Limits are the budgets of a process; 0 is the default.
type Limits struct {
	Memory    int64 // bytes of the process
	OpenFiles int   // of all databases on disk
	Scans     int   // heavy reads that work at once
	Queue     int   // heavy reads that wait for their turn
}

// Log says what is logged and how.
type Log struct {
	Level slog.Level
	JSON  bool
}

// Ignored is a note of `tidemark check` that was answered: of one table, or of whatever
// it is about when no table is named.
type Ignored struct {
	Finding findings.ID
	Table   string
}

// BrokerDir is where the embedded broker keeps its data.
func (c *Config) BrokerDir() string { return filepath.Join(c.DataDir, "broker") }

// Table returns the table of that name, or nil.
func (c *Config) Table(name string) *tables.Table {
	for _, t := range c.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// TableNames returns the names of the tables in the order of the files.
func (c *Config) TableNames() []string {
	out := make([]string, len(c.Tables))
	for i, t := range c.Tables {
		out[i] = t.Name
	}
	return out
}
