package cdc

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// largeValue is an event whose row holds a document of 100 kB that nothing asks for.
func largeValue() string {
	items := strings.TrimSuffix(strings.Repeat(`{"sku":"AB-1234-XYZ","qty":3,"price":12.50,"text":"some words"},`, 1600), ",")
	return strings.Replace(codectest.EventValue, `"note"`, `"doc":[`+items+`],"note"`, 1)
}

// benchmarkDecode decodes one event of the table of events again and again.
func benchmarkDecode(b *testing.B, key, value string) {
	b.Helper()
	d, err := NewDecoder(codectest.EventTable(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := &codecs.Record{Key: []byte(key), Value: []byte(value), Time: time.UnixMilli(1)}
	var c tables.Change
	b.ReportAllocs()
	b.SetBytes(int64(len(r.Value)))
	for b.Loop() {
		if err := d.Decode(r, &c); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeLarge measures how fast what nobody asks for is skipped and checked.
func BenchmarkDecodeLarge(b *testing.B) {
	benchmarkDecode(b, codectest.EventKey, largeValue())
}

// BenchmarkDecodeWithSchema measures an event that carries its schema.
func BenchmarkDecodeWithSchema(b *testing.B) {
	value := withSchema(`{"id":1,"status":"shipped","total":"bg==","at":1500}`, field("id", "int32", ""), field("status", "string", ""),
		field("total", "bytes", "org.apache.kafka.connect.data.Decimal", "scale", "2"), field("at", "int64", "io.debezium.time.MicroTimestamp"))
	benchmarkDecode(b, `{"schema":`+schema+`,"payload":{"id":1}}`, value)
}

// BenchmarkDecode decodes an event of about 670 bytes, beside what two JSON
// libraries take to check it and find the same members, without making values of them.
func BenchmarkDecode(b *testing.B) {
	b.Run("tidemark", func(b *testing.B) { benchmarkDecode(b, codectest.EventKey, codectest.EventValue) })
	b.Run("gjson", func(b *testing.B) {
		value := []byte(codectest.EventValue)
		b.ReportAllocs()
		b.SetBytes(int64(len(codectest.EventValue)))
		for b.Loop() {
			if !gjson.ValidBytes(value) {
				b.Fatal("not valid")
			}
			_ = gjson.GetManyBytes(value, "op", "after", "source.lsn", "source.ts_us", "source.snapshot", "source.connector",
				"after.id", "after.status", "after.total", "after.customer_id", "after.created_at", "after.note")
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		value := []byte(codectest.EventValue)
		b.ReportAllocs()
		b.SetBytes(int64(len(codectest.EventValue)))
		for b.Loop() {
			var e struct {
				Op     string `json:"op"`
				Source struct {
					Connector string `json:"connector"`
					Snapshot  string `json:"snapshot"`
					LSN       int64  `json:"lsn"`
					TsUs      int64  `json:"ts_us"`
				} `json:"source"`
				After struct {
					ID         int64  `json:"id"`
					Status     string `json:"status"`
					Total      string `json:"total"`
					CustomerID int64  `json:"customer_id"`
					CreatedAt  int64  `json:"created_at"`
					Note       string `json:"note"`
				} `json:"after"`
			}
			if err := json.Unmarshal(value, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
