package config_test

import (
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

var update = flag.Bool("update", false, "write the messages of the bad files anew")

func environment(name string) (string, bool) {
	v, ok := map[string]string{"HOST": "a", "PORT": "", "SECRET": "${HOST}"}[name]
	return v, ok
}

func load(t *testing.T, path string) *config.Config {
	t.Helper()
	c, err := config.Load(path, environment)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEverythingIsRead(t *testing.T) {
	kind := func(k tables.Kind) tables.Type { return tables.Type{Kind: k} }
	want := &config.Config{
		File: "testdata/good/everything.yaml",
		Kafka: config.Kafka{Settings: kafka.Settings{
			Brokers:     []string{"a:9092", "b:9093"},
			TLS:         kafka.TLS{Enabled: true, CAFile: "/etc/ca.pem", CertFile: "c.pem", KeyFile: "k.pem", ServerName: "broker"},
			SASL:        kafka.SASL{Mechanism: "scram-sha-512", Username: "tidemark", Password: "p${x}${HOST}"},
			TopicPrefix: "prod.", ReplicationFactor: 3, RowBytes: 20_000_000,
		}, Registry: registry.Settings{URL: "https://registry.example/apis/ccompat/v7", Username: "tidemark", Password: "${HOST}"}},
		DataDir: "/var/lib/tidemark",
		Roles:   config.Roles{View: true},
		HTTP: config.HTTP{
			Listen: "0.0.0.0:8443", CertFile: "server.pem", KeyFile: "server.key", Open: true,
			CORSOrigins: []string{"https://shop.example"},
		},
		Log: config.Log{Level: slog.LevelDebug, JSON: true},
		Tables: []*tables.Table{{
			Name:   "orders",
			Source: tables.Source{Topic: "shop.public.orders", Format: "debezium-json", Placeholder: "gone", Partitioner: "crc32", Missing: "keep", DeleteWhen: "total < 0 AND city IS NULL"},
			Key:    []string{"id", "region"},
			Columns: []tables.Column{
				{Name: "id", Type: kind(tables.Int64)},
				{Name: "region", Type: kind(tables.String)},
				{Name: "total", Type: tables.Type{Kind: tables.DecimalKind, Precision: 12, Scale: 2}, Encoding: "decimal_base64", NullOnError: true},
				{Name: "city", Type: kind(tables.String), Path: "address.city", Index: true},
				{Name: "created_at", Type: kind(tables.Timestamp), Encoding: "epoch_us", NullOnError: true},
			},
			Document: tables.DocumentKeep,
			SortKey:  []string{"region", "created_at"},
			Where:    "city <> 'nowhere'",
			Batch:    tables.BatchPolicy{Schedule: "0,30 * * * *", MaxDelta: 200_000, KeepLast: 5, KeepFor: 7 * 24 * time.Hour},
		}, {
			Name: "customers",
			Source: tables.Source{
				Topic: "shop.public.customers", Format: "upsert-json",
				Placeholder: "__debezium_unavailable_value", Partitioner: "murmur2",
			},
			Key:      []string{"id"},
			Columns:  []tables.Column{{Name: "id", Type: kind(tables.UUID)}},
			Document: tables.DocumentDrop,
			Batch:    tables.BatchPolicy{Schedule: "@on-demand", KeepLast: 3, KeepFor: 24 * time.Hour},
		}},
	}
	if diff := cmp.Diff(want, load(t, want.File)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	c := load(t, "testdata/good/least.yaml")
	if !c.Kafka.Embedded || c.DataDir != "./data" || c.HTTP.Listen != "127.0.0.1:8080" || c.Kafka.ReplicationFactor != -1 ||
		c.Roles != (config.Roles{Processor: true, View: true}) || c.Log != (config.Log{}) {
		t.Errorf("the defaults are %+v", c)
	}
	if b := c.Tables[0].Batch; b != (tables.BatchPolicy{Schedule: "@every 30m", KeepLast: 3, KeepFor: 24 * time.Hour}) {
		t.Errorf("the default batch policy is %+v", b)
	}
}

// TestBadFiles pins every message, with its place, of the files in testdata/bad.
func TestBadFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			_, err := config.Load(path, environment)
			var faults config.Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("the error is %v", err)
			}
			got := strings.ReplaceAll(faults.Error(), "testdata/bad/", "") + "\n"
			golden := strings.TrimSuffix(path, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestTenMistakesAreToldAtOnce counts what ten.yaml is for.
func TestTenMistakesAreToldAtOnce(t *testing.T) {
	_, err := config.Load("testdata/bad/ten.yaml", environment)
	var faults config.Faults
	if !errors.As(err, &faults) || len(faults) < 10 {
		t.Fatalf("%d faults, want 10 or more:\n%v", len(faults), err)
	}
	for _, f := range faults {
		if f.Line < 1 || f.Column < 1 || f.File == "" {
			t.Errorf("no place: %v", f)
		}
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	if _, err := config.Load(filepath.Join(t.TempDir(), "x.yaml"), environment); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("x.yaml", text, environment)
		if (c == nil) == (err == nil) {
			t.Errorf("configuration %v and error %v", c, err)
		}
	})
}
