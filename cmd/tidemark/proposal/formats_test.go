package proposal_test

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
)

// written proposes a table, checks that it takes its own sample and is a configuration, and returns its text.
func written(t *testing.T, s *sample.Sample) string {
	t.Helper()
	p, err := proposal.From(s, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := p.Write(&b, []string{"localhost:9092"}); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("proposal.yaml", []byte(b.String()), os.LookupEnv); err != nil {
		t.Errorf("no valid configuration: %v\n%s", err, b.String())
	}
	if err := p.Clean(s.Records, nil); err != nil {
		t.Errorf("the proposal does not fit its own sample: %v\n%s", err, b.String())
	}
	return b.String()
}

// spread puts the records of a sample into partitions in turn.
func spread(s *sample.Sample, partitions int32) *sample.Sample {
	s.Topic.Partitions = partitions
	for i, r := range s.Records {
		r.Partition = int32(i) % partitions
	}
	return s
}

func bigEndian(n uint64, size int) string {
	b := make([]byte, 8)
	binary.BigEndian.PutUint64(b, n)
	return string(b[8-size:])
}

// A format that is known gives the lines of the source that its rows need.
func TestSourcesOfOtherTools(t *testing.T) {
	cell := func(v string) string { return `{"value":` + v + `,"set":true}` }
	for name, c := range map[string]struct {
		sample *sample.Sample
		want   []string
	}{
		"GoldenGate": {
			of("ogg", "SHOP.ORDERS", `{"table":"SHOP.ORDERS","op_type":"I","op_ts":"2026-01-01 00:00:00.000000","primary_keys":["ID"],"after":{"ID":1,"V":"a"}}`,
				"SHOP.ORDERS", `{"table":"SHOP.ORDERS","op_type":"D","op_ts":"2026-01-01 00:00:00.000000","primary_keys":["ID"],"before":{"ID":1,"V":"a"}}`,
				"SHOP.ORDERS", `{"table":"SHOP.ORDERS","op_type":"T","op_ts":"2026-01-01 00:00:00.000000","primary_keys":["ID"]}`),
			[]string{"source: {topic: ogg, format: ogg-json}\n", "key: [ID]", "{name: ID, type: int64}\n", "{name: V, type: string}\n"},
		},
		"GoldenGate, keys of values": {
			of("ogg", "7", `{"table":"SHOP.ORDERS","op_type":"I","after":{"AMOUNT":3,"NR":7}}`, "8", `{"table":"SHOP.ORDERS","op_type":"U","before":{"NR":8},"after":{"AMOUNT":3,"NR":8}}`),
			[]string{"format: ogg-json}\n", "key: [NR]"},
		},
		"DMS": {
			of("dms", "public.orders", `{"metadata":{"timestamp":"2026-01-01T00:00:00.000000Z","record-type":"control","operation":"create-table","schema-name":"public","table-name":"orders"}}`,
				"public.orders.4", `{"data":{"nr":4,"v":"a"},"metadata":{"record-type":"data","operation":"load","schema-name":"public","table-name":"orders"}}`,
				"public.orders.5", `{"data":{"nr":5,"v":"b"},"metadata":{"record-type":"data","operation":"insert","schema-name":"public","table-name":"orders"}}`,
				"public.orders.5", `{"data":{"nr":5,"v":"b"},"metadata":{"record-type":"data","operation":"delete","schema-name":"public","table-name":"orders"}}`),
			[]string{"source: {topic: dms, format: dms-json}\n", "key: [nr]", "{name: v, type: string}\n"},
		},
		"DMS without keys": {
			spread(of("dms", "", `{"data":{"id":1,"v":"a"},"metadata":{"record-type":"data","operation":"load","schema-name":"public","table-name":"orders"}}`,
				"", `{"data":{"id":2,"v":"a"},"metadata":{"record-type":"data","operation":"load","schema-name":"public","table-name":"orders"}}`), 2),
			[]string{"format: dms-json, partitioner: any}\n", "key: [id]", "{name: id, type: int64} # the records do not say the key: is it this column?"},
		},
		"TiCDC's simple protocol": {
			of("ticdc", "", `{"version":1,"type":"BOOTSTRAP","commitTs":0,"buildTs":1,"tableSchema":{"schema":"shop","table":"orders","columns":[`+
				`{"name":"nr","dataType":{"mysqlType":"int","length":11}},{"name":"total","dataType":{"mysqlType":"decimal","length":12,"decimal":2}},{"name":"pic","dataType":{"mysqlType":"blob"}},`+
				`{"name":"big","dataType":{"mysqlType":"bigint","unsigned":true}},{"name":"at","dataType":{"mysqlType":"timestamp"}}],"indexes":[{"name":"primary","primary":true,"columns":["nr"]}]}}`,
				"", `{"version":1,"database":"shop","table":"orders","type":"INSERT","commitTs":1,"buildTs":1,"data":{"nr":"1","total":"1.50","pic":"AA==","big":"7","at":{"location":"UTC","value":"2026-01-01 00:00:00"}}}`,
				"", `{"version":1,"database":"shop","table":"orders","type":"DELETE","commitTs":1,"buildTs":1,"old":{"nr":"1","total":"1.50","pic":"AA==","big":"7","at":null}}`,
				"", `{"version":1,"type":"WATERMARK","commitTs":2,"buildTs":1}`),
			[]string{"source: {topic: ticdc, format: ticdc-simple-json}\n", "key: [nr]", "{name: nr, type: int64}\n", "{name: pic, type: bytes}\n", "{name: at, type: timestamp}\n", `{name: total, type: "decimal(12,2)", encoding: decimal_string}`, `{name: big, type: "decimal(20,0)"`},
		},
		"TiCDC's open protocol": {
			of("ticdc", "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x2a"+`{"ts":7,"scm":"shop","tbl":"orders","t":1}`,
				"\x00\x00\x00\x00\x00\x00\x00\x5f"+`{"u":{"nr":{"t":3,"h":true,"f":11,"v":1},"v":{"t":15,"f":0,"v":"a"},"at":{"t":12,"v":null}   }}`),
			[]string{"source: {topic: ticdc, format: ticdc-open}\n", "key: [nr]", "{name: nr, type: int64}\n", "{name: v, type: string}\n", "{name: at, type: timestamp}\n"},
		},
		"CockroachDB": {
			of("crdb", "", `{"resolved":"1747243394200039002.0000000000"}`,
				`["eu",1]`, `{"after":{"id":1,"region":"eu","v":"a"},"updated":"1747243394200039000.0000000000"}`,
				`["eu",2]`, `{"after":{"id":2,"region":"eu","v":"b"},"updated":"1747243394200039001.0000000000"}`,
				`["us",2]`, `{"after":{"id":2,"region":"us","v":"b"},"updated":"1747243394200039001.0000000000"}`,
				`["eu",2]`, `{"after":null,"updated":"1747243394400039000.0000000000"}`),
			[]string{"source: {topic: crdb, format: cockroachdb-json}\n", "key: [region, id]"},
		},
		"CockroachDB, no clock": {
			of("crdb", `[1]`, `{"after":{"id":1,"v":"a"}}`, `[2]`, `{"after":{"id":2,"v":"a"},"before":null}`),
			[]string{"format: cockroachdb-json}\n", "key: [id]"},
		},
		"CockroachDB, enriched": {
			of("crdb", `{"id":1,"region":"us"}`, `{"op":"c","after":{"region":"us","id":1,"v":"d"},"source":{"db_version":"v25.2","primary_keys":["region","id"]},"ts_ns":1747243394300039000}`),
			[]string{"format: cockroachdb-json}\n", "key: [region, id]"},
		},
		"cells": {
			of("cells", `{"id":`+cell("1")+`}`, `{"before":null,"after":{"id":`+cell("1")+`,"v":`+cell(`"a"`)+`,"n":`+cell("10")+`},"source":{"connector":"yugabytedb","table":"t"},"op":"c"}`,
				`{"id":`+cell("1")+`}`, `{"before":null,"after":{"id":`+cell("1")+`,"v":null,"n":`+cell("null")+`},"source":{"connector":"yugabytedb","table":"t"},"op":"u"}`),
			[]string{"format: debezium-json, cells: true}\n", "key: [id]", "{name: id, type: int64}\n", "{name: v, type: string}\n", "{name: \"n\", type: int64}\n"},
		},
		"records without keys": {
			spread(of("keyless", "", `{"before":null,"after":{"id":1,"v":"a"},"source":{"table":"t"},"op":"c"}`, "", `{"before":null,"after":{"id":2,"v":"a"},"source":{"table":"t"},"op":"c"}`), 2),
			[]string{"format: debezium-json, key_from: row, partitioner: any}\n", "key: [id]", "is it this column?"},
		},
		"a row in a member": {
			of("box", `{"nr":1}`, `{"message":{"nr":1,"v":"a"},"headers":{"operation":"INSERT","changeSequence":"1"}}`,
				`{"nr":2}`, `{"message":{"nr":2,"v":"b"},"headers":{"operation":"DELETE","changeSequence":"1"}}`),
			[]string{`format: upsert-json, row: message, delete_when: "headers.operation = 'DELETE'"}`, "key: [nr]", "{name: v, type: string}\n"},
		},
		"a row in a member, bare keys": {
			of("box", "a1", `{"payload":{"nr":"a1","v":"a"},"gone":{"deleted":false}}`, "a2", `{"payload":{"nr":"a2","v":"b"},"gone":{"deleted":true}}`),
			[]string{`row: payload, delete_when: "gone.deleted = 'true'"}`, "key: [nr]"},
		},
		"operations in the row": {
			of("ops", `{"id":1}`, `{"id":1,"op":"INSERT"}`, `{"id":2}`, `{"id":2,"op":"DELETE"}`),
			[]string{"source: {topic: ops, format: upsert-json}\n", `# source: {topic: ops, format: upsert-json, delete_when: "op = 'DELETE'"} # if that deletes a row`, "{name: op, type: string}\n"},
		},
		"a flag in the row": {
			of("ops", `{"id":1}`, `{"id":1,"is_deleted":false}`),
			[]string{`# source: {topic: ops, format: upsert-json, delete_when: "is_deleted = true"}`},
		},
		"a status": {
			of("ops", `{"id":1}`, `{"id":1,"status":"open"}`, `{"id":2}`, `{"id":2,"status":"deleted"}`),
			[]string{"source: {topic: ops, format: upsert-json}\n    key: [id]"},
		},
		"keys of four bytes": {
			of("ints", bigEndian(825373492, 4), `{"nr":825373492,"v":"a"}`, bigEndian(2, 4), `{"nr":2,"v":"a"}`),
			[]string{"format: upsert-json, key_format: int32}\n", "key: [nr]"},
		},
		"keys of eight bytes": {
			of("longs", bigEndian(7, 8), `{"v":"a","nr":7}`),
			[]string{"format: upsert-json}\n", "key: [nr]"},
		},
		"keys of sixteen bytes": {
			of("ids", string([]byte{0xb6, 0x8a, 0x35, 0xa7, 0x17, 0xad, 0x35, 0xb3, 0xaf, 0x2a, 0xae, 0x46, 0xed, 0xb4, 0x54, 0x5a}), `{"nr":"b68a35a7-17ad-35b3-af2a-ae46edb4545a"}`),
			[]string{"key_format: uuid}\n", "key: [nr]"},
		},
		"keys of plain text": {
			of("texts", "Wien-7", `{"customer":"Wien-7","n":1}`, "Graz", `{"customer":"Graz","n":1}`),
			[]string{"format: upsert-json}\n", "key: [customer]"},
		},
		"placed by another": {
			placedBy(of("crc", `{"id":1}`, `{"id":1}`, `{"id":2}`, `{"id":2}`, `{"id":3}`, `{"id":3}`, `{"id":4}`, `{"id":4}`), 4, "crc32"),
			[]string{"partitioner: crc32}\n"},
		},
		"placed by nobody": {
			spread(of("any", `{"id":1}`, `{"id":1}`, `{"id":1}`, `{"id":1}`), 2),
			[]string{"partitioner: any}\n", "fit no partitioner"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := written(t, c.sample)
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
		})
	}
}

// Rows of several tables are never merged, also where none can be picked.
func TestSeveralTablesThatCannotBePicked(t *testing.T) {
	for name, s := range map[string]*sample.Sample{
		"ogg-json": of("x", "1", `{"table":"A","op_type":"I","after":{"ID":1}}`, "1", `{"table":"B","op_type":"I","after":{"ID":1}}`),
		"dms-json": of("x", "1", `{"data":{"id":1},"metadata":{"record-type":"data","operation":"load","table-name":"A"}}`,
			"1", `{"data":{"id":1},"metadata":{"record-type":"data","operation":"load","table-name":"B"}}`),
	} {
		if _, err := proposal.From(s, "", nil, nil); !errors.Is(err, proposal.ErrSeveral) || !strings.Contains(err.Error(), "A and B: with "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
