package harness

import (
	"encoding/json"
	"fmt"
)

// Debezium writes the events of one captured table as the Postgres connector
// does without schemas; each call moves the log position on.
type Debezium struct {
	Key []string // key columns
	lsn int64
}

// Create is the event of an insert.
func (d *Debezium) Create(row M) Event { return d.event("c", row, row) }

// Read is the event of a row of the initial snapshot.
func (d *Debezium) Read(row M) Event { return d.event("r", row, row) }

// Update is the event of an update.
func (d *Debezium) Update(row M) Event { return d.event("u", row, row) }

// Delete is the event of a delete; a tombstone follows it.
func (d *Debezium) Delete(row M) []Event {
	e := d.event("d", row, nil)
	return []Event{e, {Key: e.Key}}
}

func (d *Debezium) event(op string, row M, after M) Event {
	d.lsn += 8
	key := M{}
	for _, k := range d.Key {
		key[k] = row[k]
	}
	snapshot := "false"
	if op == "r" {
		snapshot = "true"
	}
	ts := 1_700_000_000_000 + d.lsn
	value := M{
		"before": nil, "after": nil, "op": op, "ts_ms": ts, "transaction": nil,
		"source": M{
			"version": "3.7.0.Final", "connector": "postgresql", "name": "shop", "ts_ms": ts, "snapshot": snapshot,
			"db": "shop", "sequence": fmt.Sprintf(`[null,"%d"]`, d.lsn), "schema": "public", "table": "t",
			"txId": 7, "lsn": d.lsn, "xmin": nil,
		},
	}
	if after != nil {
		value["after"] = after
	}
	return Text(JSON(key), JSON(value))
}

// JSON returns a map or a list of plain values as text.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a map of plain values always marshals
	}
	return string(b)
}
