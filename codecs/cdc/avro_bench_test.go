package cdc

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

const benchSchema = `{"type":"record","name":"Envelope","namespace":"shop.public.orders","fields":[
	{"name":"before","type":["null",{"type":"record","name":"Value","fields":[
		{"name":"id","type":"long"},{"name":"customer_id","type":"long"},{"name":"status","type":["null","string"]},
		{"name":"total","type":["null",{"type":"bytes","connect.name":"org.apache.kafka.connect.data.Decimal","connect.parameters":{"scale":"3"}}]},
		{"name":"currency","type":"string"},{"name":"created_at","type":{"type":"long","connect.name":"io.debezium.time.MicroTimestamp"}},
		{"name":"updated_at","type":{"type":"long","connect.name":"io.debezium.time.MicroTimestamp"}},
		{"name":"note","type":["null","string"]},{"name":"address","type":["null","string"]}]}]},
	{"name":"after","type":["null","Value"]},
	{"name":"source","type":{"type":"record","name":"Source","fields":[{"name":"version","type":"string"},{"name":"connector","type":"string"},{"name":"name","type":"string"},
		{"name":"ts_ms","type":"long"},{"name":"snapshot","type":["null","string"]},{"name":"db","type":"string"},{"name":"sequence","type":["null","string"]},
		{"name":"ts_us","type":["null","long"]},{"name":"ts_ns","type":["null","long"]},{"name":"schema","type":"string"},{"name":"table","type":"string"},
		{"name":"txId","type":["null","long"]},{"name":"lsn","type":["null","long"]},{"name":"xmin","type":["null","long"]}]}},
	{"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"]},{"name":"ts_us","type":["null","long"]},{"name":"ts_ns","type":["null","long"]}]}`

func benchAvro(b *testing.B) (*memory, *codecs.Record) {
	b.Helper()
	r := newMemory()
	r.add(b, datum.ID{Number: 1}, `{"type":"record","name":"Key","fields":[{"name":"id","type":"long"}]}`)
	r.add(b, datum.ID{Number: 2}, benchSchema)
	total, err := base64.StdEncoding.DecodeString("ALxhTg==")
	if err != nil {
		b.Fatal(err)
	}
	value := r.framed(b, 2, m{
		"before": nil, "op": "u", "ts_ms": int64(1795328240909), "ts_us": int64(1795328240909567), "ts_ns": int64(1795328240909567533),
		"after": m{
			"id": int64(1234567), "customer_id": int64(88123), "status": "shipped", "total": total, "currency": "EUR",
			"created_at": int64(1709210096789012), "updated_at": int64(1709210196789012), "note": "left at the door",
			"address": `{"city": "Lisbon", "zip": "1100-148"}`,
		},
		"source": m{
			"version": "3.7.0.Final", "connector": "postgresql", "name": "shop", "ts_ms": int64(1795328240450), "snapshot": "false", "db": "shop",
			"sequence": `["23798872","23798872"]`, "ts_us": int64(1795328240450799), "ts_ns": int64(1795328240450799000), "schema": "public",
			"table": "orders", "txId": int64(935), "lsn": int64(23798872), "xmin": nil,
		},
	})
	return r, &codecs.Record{Key: r.framed(b, 1, m{"id": int64(1234567)}), Value: value, Time: time.UnixMilli(1)}
}

// BenchmarkDecodeAvro decodes one event in Avro and in JSON, with and without its document.
func BenchmarkDecodeAvro(b *testing.B) {
	r, inAvro := benchAvro(b)
	for _, document := range []tables.DocumentMode{tables.DocumentDrop, tables.DocumentKeep} {
		for _, c := range []struct {
			format tables.Format
			record *codecs.Record
		}{{tables.DebeziumAvro, inAvro}, {tables.DebeziumJSON, &codecs.Record{Key: []byte(codectest.EventKey), Value: []byte(codectest.EventValue), Time: time.UnixMilli(1)}}} {
			b.Run(string(c.format)+"/document="+string(document), func(b *testing.B) {
				table := codectest.EventTable(b)
				table.Source.Format, table.Document = c.format, document
				d, err := NewDecoder(table, Options{Schemas: r})
				if err != nil {
					b.Fatal(err)
				}
				var change tables.Change
				b.ReportAllocs()
				b.SetBytes(int64(len(c.record.Value)))
				for b.Loop() {
					if err := d.Decode(c.record, &change); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
