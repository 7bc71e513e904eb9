package proposal_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

var update = flag.Bool("update", false, "write the proposals anew")

// of makes a sample of pairs of keys and values; an empty value is a tombstone.
func of(topic string, pairs ...string) *sample.Sample {
	s := &sample.Sample{Topic: kafka.Topic{Name: topic, Partitions: 1}}
	for i := 0; i+1 < len(pairs); i += 2 {
		r := &codecs.Record{Topic: topic, Offset: int64(i / 2)}
		if pairs[i] != "" {
			r.Key = []byte(pairs[i])
		}
		if pairs[i+1] != "" {
			r.Value = []byte(pairs[i+1])
		}
		s.Records = append(s.Records, r)
	}
	return s
}

func shop() *sample.Sample {
	g := load.NewOrders(load.Options{Seed: 1, Keys: 50, DeletePercent: 10})
	var pairs []string
	for range 300 {
		for _, e := range g.Next() {
			pairs = append(pairs, string(e.Key), string(e.Value))
		}
	}
	return of("shop.public.orders", pairs...)
}

const withSchema = `{"schema":{"type":"struct","fields":[
{"field":"before","type":"struct","fields":[]},
{"field":"after","type":"struct","fields":[
 {"field":"id","type":"int32"},
 {"field":"total","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"12"}},
 {"field":"rate","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"4"}},
 {"field":"free","type":"struct","name":"io.debezium.data.VariableScaleDecimal"},
 {"field":"born","type":"int32","name":"io.debezium.time.Date"},
 {"field":"at","type":"int64","name":"io.debezium.time.MicroTimestamp"},
 {"field":"tz","type":"string","name":"io.debezium.time.ZonedTimestamp"},
 {"field":"opens","type":"int64","name":"io.debezium.time.MicroTime"},
 {"field":"doc","type":"string","name":"io.debezium.data.Json"},
 {"field":"uid","type":"string","name":"io.debezium.data.Uuid"},
 {"field":"raw","type":"bytes"},
 {"field":"tags","type":"array"},
 {"field":"f","type":"double"},
 {"field":"yes","type":"boolean"}]},
{"field":"source","type":"struct"},{"field":"op","type":"string"}]},
"payload":{"before":null,"after":{"id":1,"total":"bg==","rate":"bg==","free":{"scale":1,"value":"bg=="},"born":19000,"at":1,
"tz":"2026-01-01T00:00:00Z","opens":1,"doc":"{}","uid":"b68a35a7-17ad-35b3-af2a-ae46edb4545a","raw":"AA==","tags":[],"f":1.5,"yes":true},
"source":{"connector":"postgresql"},"op":"c"}}`

func TestProposals(t *testing.T) {
	for name, tc := range map[string]*sample.Sample{
		"debezium without schemas": shop(),
		"debezium with schemas":    of("shop.public.Everything", `{"schema":{},"payload":{"id":1}}`, strings.ReplaceAll(withSchema, "\n", "")),
		"flattened": of("flat", `{"id":1,"region":"eu"}`, `{"id":1,"region":"eu","v":1.5,"on":true,"odd name: x":null,"__op":"c","__deleted":"false"}`,
			`{"id":1,"region":"eu"}`, `{"id":1,"region":"eu","v":2,"on":false,"odd name: x":null,"__op":"d","__deleted":"true"}`),
		"values of several looks": of("looks", `{"id":1}`, `{"id":1,"f":1,"d":"NaN","v":{"scale":1,"value":"bg=="},"a":[1],"t":"NaN","m":1}`,
			`{"id":2}`, `{"id":2,"f":"Infinity","d":1.5,"v":null,"a":[],"t":"text","m":"x"}`),
		"mongodb": of("shop.inventory.customers",
			`{"id":"{\"$oid\": \"596e275826f08b2730779e1f\"}"}`,
			`{"before":null,"after":"{\"_id\": {\"$oid\": \"596e275826f08b2730779e1f\"},\"name\": \"Anne\",\"n\": {\"$numberLong\": \"7\"},\"at\": {\"$date\": 1},\"total\": {\"$numberDecimal\": \"1.5\"},\"address\": {\"city\": \"Oslo\"}}","updateDescription":null,"source":{"connector":"mongodb"},"op":"c"}`),
		"structured": of("shop.public.s", `{"id":1}`, `{"schema":{"type":"struct","fields":[{"field":"after","type":"struct","fields":[{"field":"id","type":"int32"},`+
			`{"field":"d","type":"struct","name":"io.debezium.time.StructuredDate"},{"field":"i","type":"struct","name":"io.debezium.time.StructuredDuration"},`+
			`{"field":"b","type":"bytes","name":"io.debezium.data.Bits","parameters":{"length":"8"}},{"field":"w","type":"bytes","name":"io.debezium.data.Bits","parameters":{"length":"70"}},`+
			`{"field":"u","type":"int64","parameters":{"__debezium.source.column.type":"BIGINT UNSIGNED"}}]},{"field":"op","type":"string"}]},`+
			`"payload":{"op":"c","source":{"connector":"mysql"},"after":{"id":1,"d":{"year":2024,"month":2,"day":29},"i":{"years":1,"seconds":2},"b":"AQ==","w":"AQ==","u":-1}}}`),
		"upsert with a bare key": of("2026-stock", "1", `{"sku":1,"left":5,"place":{"row":2}}`, "2", `{"sku":2,"left":2,"place":{"row":3}}`, "1", ""),
	} {
		t.Run(name, func(t *testing.T) {
			p, err := proposal.From(tc, "", nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Clean(tc.Records, nil); err != nil {
				t.Errorf("the proposal does not fit its own sample: %v", err)
			}
			var b strings.Builder
			if err := p.Write(&b, []string{"localhost:9092"}); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Parse("proposal.yaml", []byte(b.String()), os.LookupEnv); err != nil {
				t.Errorf("no valid configuration: %v", err)
			}
			golden := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".yaml")
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNothingToPropose(t *testing.T) {
	for name, tc := range map[string]struct {
		sample *sample.Sample
		want   error
	}{
		"empty":           {of("t"), proposal.ErrNoRows},
		"tombstones only": {of("t", "1", ""), proposal.ErrNoRows},
		"not JSON":        {of("t", "1", "plain text"), proposal.ErrNoJSON},
		"Avro":            {of("t", "1", "\x00\x00\x00\x00\x01abc"), proposal.ErrNoRegistry},
		"no key":          {of("t", "", `{"a":1}`), proposal.ErrNoKey},
		"foreign key":     {of("t", `"x"`, `{"a":1}`), proposal.ErrNoKey},
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := proposal.From(tc.sample, "", nil, nil); !errors.Is(err, tc.want) {
				t.Errorf("the error is %v, want %v (%+v)", err, tc.want, p)
			}
		})
	}
}

func FuzzFrom(f *testing.F) {
	f.Add(`{"id":1}`, withSchema)
	f.Add("1", `{"a":1,"__op":"c"}`)
	f.Fuzz(func(t *testing.T, key, value string) {
		s := of("topic", key, value)
		p, err := proposal.From(s, "t", nil, nil)
		if err != nil {
			return
		}
		var b strings.Builder
		if err := p.Write(&b, []string{"localhost:9092"}); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Parse("p.yaml", []byte(b.String()), os.LookupEnv); err != nil {
			t.Errorf("%v\n%s", err, b.String())
		}
	})
}

// Messages of other tools are known by their members; Canal's have their types.
func TestMessagesOfOtherTools(t *testing.T) {
	for _, c := range []struct {
		sample                *sample.Sample
		format                tables.Format
		columns, key, doubted string
	}{
		{
			of("maxwell", `{"database":"shop","table":"orders","pk.id":7}`,
				`{"database":"shop","table":"orders","type":"insert","ts":1,"xid":2,"commit":true,"data":{"id":7,"note":"a","total":1.5}}`),
			tables.MaxwellJSON, "id int64 , note string , total float64 ", "id", "total",
		},
		{
			of("canal", "",
				`{"data":[{"id":"7","note":"a","total":"1.50","big":"1","born":"2020-01-02","doc":"{}","shape":"x"}],"database":"shop","es":1,"id":1,"isDdl":false,"mysqlType":{"id":"INTEGER","note":"VARCHAR(20)","total":"DECIMAL(12,2)","big":"BIGINT(20) UNSIGNED","born":"DATE","doc":"JSON","shape":"POLYGON"},"old":null,"pkNames":["id"],"table":"orders","type":"INSERT"}`),
			tables.CanalJSON,
			"id int64 , note string , total decimal(12,2) decimal_string, big decimal(20,0) decimal_string, born date , doc json , shape string ", "id", "shape",
		},
	} {
		p, err := proposal.From(c.sample, "", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var columns, doubted []string
		for _, col := range p.Table.Columns {
			columns = append(columns, col.Name+" "+col.Type.String()+" "+string(col.Encoding))
			if p.Doubts[col.Name] != "" {
				doubted = append(doubted, col.Name)
			}
		}
		if p.Table.Source.Format != c.format || p.Table.Source.Partitioner != tables.PartitionAny || strings.Join(p.Table.Key, ",") != c.key {
			t.Errorf("%s: the table is %+v", c.format, p.Table)
		}
		if got := strings.Join(columns, ", "); got != c.columns || strings.Join(doubted, " ") != c.doubted {
			t.Errorf("%s: the columns are %q, doubted %q", c.format, got, doubted)
		}
	}
}
