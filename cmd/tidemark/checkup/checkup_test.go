package checkup_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// setting is a broker with one topic and a configuration for it.
type setting struct {
	config *config.Config
	client *kgo.Client
}

func newSetting(t *testing.T, format tables.Format) *setting {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{"src": 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	c := &config.Config{
		DataDir: t.TempDir(),
		Kafka:   config.Kafka{Settings: kafka.Settings{Brokers: b.Addrs()}},
		Tables: []*tables.Table{{
			Name:   "t",
			Source: tables.Source{Topic: "src", Format: format, Partitioner: tables.PartitionMurmur2, Placeholder: tables.DefaultPlaceholder},
			Key:    []string{"id"},
			Columns: []tables.Column{
				{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.Int64}},
			},
		}},
	}
	client, err := c.Kafka.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &setting{c, client}
}

// produce sends rows with ids 0 to n-1, placed by the partitioner.
func (s *setting) produce(t *testing.T, n int, p tables.Partitioner, value func(id int) string) {
	t.Helper()
	var records []*kgo.Record
	for id := range n {
		key := fmt.Appendf(nil, `{"id":%d}`, id)
		part, _ := kafka.PartitionOf(p, key, 3)
		r := &kgo.Record{Topic: "src", Partition: part, Key: key}
		if v := value(id); v != "" {
			r.Value = []byte(v)
		}
		records = append(records, r)
	}
	if err := s.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func upsert(id int) string { return fmt.Sprintf(`{"id":%d,"v":%d}`, id, id) }

func (s *setting) run(t *testing.T) []checkup.Finding {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	found, err := checkup.Run(ctx, s.config)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// expect wants exactly one problem, with these words in what was found and in the remedy.
func expect(t *testing.T, found []checkup.Finding, what, remedy string) {
	t.Helper()
	if n := checkup.Problems(found); n != 1 {
		t.Fatalf("%d problems, want 1: %+v", n, found)
	}
	for _, f := range found {
		if f.Level == checkup.Problem && (!strings.Contains(f.What, what) || !strings.Contains(f.Remedy, remedy)) {
			t.Errorf("the problem is %+v, want %q and %q", f, what, remedy)
		}
	}
}

func TestNothingWrong(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.produce(t, 50, tables.PartitionMurmur2, upsert)
	if found := s.run(t); len(found) != 0 {
		t.Errorf("the findings are %+v", found)
	}
	if _, err := kafka.Ensure(t.Context(), s.config.Kafka.Settings, s.config.Tables[0]); err != nil {
		t.Fatal(err)
	}
	if found := s.run(t); len(found) != 0 {
		t.Errorf("with the table's topics: %+v", found)
	}
}

func TestEmptyTopicIsANote(t *testing.T) {
	found := newSetting(t, tables.UpsertJSON).run(t)
	if len(found) != 1 || found[0].Level != checkup.Note || !strings.Contains(found[0].What, "no records yet") {
		t.Errorf("the findings are %+v", found)
	}
}

func TestWrongPartitionerNamesTheRightOne(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.produce(t, 60, tables.PartitionFNV1a, upsert)
	expect(t, s.run(t), "are not where the partitioner murmur2 puts them", "source.partitioner: fnv1a")
}

func TestRecordsThatDoNotDecode(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.produce(t, 20, tables.PartitionMurmur2, func(id int) string {
		if id%4 == 0 {
			return fmt.Sprintf(`{"id":%d,"v":"not a number"}`, id)
		}
		return upsert(id)
	})
	expect(t, s.run(t), "5 of 20 records would go to the dead letters", "encoding of column v")
}

// deadLetter writes the record at the beginning of a partition of the source to the dead letters, and, with a result,
// what became of it.
func (s *setting) deadLetter(t *testing.T, partition int32, result string) {
	t.Helper()
	header := func(name, value string) kgo.RecordHeader { return kgo.RecordHeader{Key: name, Value: []byte(value)} }
	topic := s.config.Kafka.Names(s.config.Tables[0]).DeadLetters
	records := []*kgo.Record{{Topic: topic, Headers: []kgo.RecordHeader{
		header(deadletter.HeaderTopic, "src"), header(deadletter.HeaderPartition, fmt.Sprint(partition)), header(deadletter.HeaderOffset, "0"), header(deadletter.HeaderError, "after.v: no number"),
	}}}
	if result != "" {
		records = append(records, &kgo.Record{Topic: topic, Headers: []kgo.RecordHeader{header(deadletter.HeaderResolves, "0"), header(deadletter.HeaderResult, result)}})
	}
	if err := s.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsThatWereDealtWithAreNoFinding(t *testing.T) {
	for result, problems := range map[string]int{"": 2, deadletter.Failed: 2, deadletter.Dropped: 0, deadletter.Older: 0} {
		t.Run("result "+result, func(t *testing.T) {
			s := newSetting(t, tables.UpsertJSON)
			old := &kgo.Record{Topic: "src", Key: []byte(`{"id":5}`), Value: []byte(`{"id":5,"v":"a text"}`)}
			old.Partition, _ = kafka.PartitionOf(tables.PartitionMurmur2, old.Key, 3)
			if err := s.client.ProduceSync(t.Context(), old).FirstErr(); err != nil {
				t.Fatal(err)
			}
			s.produce(t, 20, tables.PartitionMurmur2, upsert)
			if _, err := kafka.Ensure(t.Context(), s.config.Kafka.Settings, s.config.Tables[0]); err != nil {
				t.Fatal(err)
			}
			s.deadLetter(t, old.Partition, result)
			if found := s.run(t); checkup.Problems(found) != problems {
				t.Errorf("want %d problems: %+v", problems, found)
			}
			s.config.Tables[0].Columns[1].Type.Kind = tables.Bool
			if found := s.run(t); checkup.Problems(found) == 0 {
				t.Errorf("another definition reads them again: %+v", found)
			}
		})
	}
}

func TestFlattenedTopicWithoutDeletes(t *testing.T) {
	flat := func(id int) string { return fmt.Sprintf(`{"id":%d,"v":1,"__op":"c"}`, id) }
	s := newSetting(t, tables.FlattenedJSON)
	s.produce(t, 250, tables.PartitionMurmur2, flat)
	expect(t, s.run(t), "no delete among 250 flattened records", "delete.tombstone.handling.mode=rewrite")
	s.produce(t, 1, tables.PartitionMurmur2, func(int) string { return "" })
	if found := s.run(t); checkup.Problems(found) != 0 {
		t.Errorf("with a delete: %+v", found)
	}
}

func TestTopicsThatAreSetUpWrongly(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.produce(t, 1, tables.PartitionMurmur2, upsert)
	policy := "delete"
	if _, err := kadm.NewClient(s.client).CreateTopic(t.Context(), 3, 1, map[string]*string{"cleanup.policy": &policy}, "t-table"); err != nil {
		t.Fatal(err)
	}
	found := s.run(t)
	if n := checkup.Problems(found); n == 0 || !strings.Contains(found[0].What, "cleanup.policy=delete") || !strings.Contains(found[0].Remedy, "kafka-configs.sh") {
		t.Errorf("the findings are %+v", found)
	}
}

func TestMissingSourceTopic(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.config.Tables[0].Source.Topic = "nowhere"
	expect(t, s.run(t), "nowhere does not exist", "start the connector")
}

func TestBrokerThatDoesNotAnswer(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.config.Kafka.Brokers = []string{"127.0.0.1:1"}
	expect(t, s.run(t), "no broker of [127.0.0.1:1] answers: Kafka at 127.0.0.1:1 does not answer: refused", "kafka.tls")
}

func TestServerThatIsNoBrokerIsExplained(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	s := newSetting(t, tables.UpsertJSON)
	s.config.Kafka.Brokers = []string{l.Addr().String()}
	found := s.run(t)
	expect(t, found, "no broker of ["+l.Addr().String()+"] answers: what answers at "+l.Addr().String(), "kafka.tls")
}

func TestDataDirectoryThatIsAFile(t *testing.T) {
	s := newSetting(t, tables.UpsertJSON)
	s.produce(t, 1, tables.PartitionMurmur2, upsert)
	s.config.DataDir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(s.config.DataDir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	expect(t, s.run(t), "not a directory", "data_dir")
}

func TestFaultsBecomeFindings(t *testing.T) {
	_, err := config.Parse("x.yaml", []byte("kafka: 1\n"), os.LookupEnv)
	found := checkup.Faults(err)
	if checkup.Problems(found) != 2 || found[0].Subject != "x.yaml:1:1" && found[0].Subject != "x.yaml:1:8" {
		t.Errorf("the findings are %+v", found)
	}
	if found := checkup.Faults(errors.New("no such file")); checkup.Problems(found) != 1 {
		t.Errorf("the findings are %+v", found)
	}
}
