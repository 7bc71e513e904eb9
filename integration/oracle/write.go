package oracle

import (
	"fmt"
	"strconv"
)

// placeholder is what Debezium writes for a value that the log does not have.
const placeholder = "__debezium_unavailable_value"

// keyBytes is how a converter writes the key of a record. All of them say the same.
type keyBytes int

const keyForms keyBytes = 4

// String names the form.
func (k keyBytes) String() string { return fmt.Sprintf("in form %d", int(k)) }

func (k keyBytes) write(id int64) []byte {
	switch k {
	case 1:
		return fmt.Appendf(nil, `{"id": %d}`, id)
	case 2:
		return fmt.Appendf(nil, `{ "id":%d }`, id)
	case 3:
		return fmt.Appendf(nil, `{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"}],"optional":false},"payload":{"id":%d}}`, id)
	}
	return fmt.Appendf(nil, `{"id":%d}`, id)
}

// shape is which columns the database's table has.
type shape int

const (
	allColumns shape = iota
	noAmount
	another
	numbers
	shapes
)

// String says what is special.
func (s shape) String() string {
	return [...]string{"all columns", "no amount", "another column", "numbers for texts"}[s]
}

// row makes a row that was never there before.
func (h *History) row() Row {
	h.n++
	r := Row{V: "v" + strconv.Itoa(h.n), Big: "b" + strconv.Itoa(h.n)}
	if h.shape == numbers {
		r.V = strconv.Itoa(h.n)
	}
	if h.shape != noAmount {
		r.HasAmount, r.Amount = true, int64(h.n%17)
	}
	return r
}

// event begins a record of a change that is made now.
func (h *History) event(id int64) *Event {
	h.at += 1 + h.dice.Uint64N(100)
	h.clock += h.dice.Int64N(400)
	h.logged = max(h.logged+1, h.clock+20)
	key := h.bytes(h).write(id)
	e := &Event{ID: id, Key: key, Logged: h.logged, Place: Place{Epoch: h.epoch, At: h.at, Time: h.clock, Logged: h.logged}}
	if h.flavour.seconds {
		e.Place.Time = h.clock / 1000 * 1000
	}
	if h.flavour.bare {
		e.Place.Epoch = 0
	}
	if h.o.Home != nil {
		e.Partition = h.o.Home(key)
	} else {
		e.Partition = h.dice.Int32N(h.o.Partitions)
	}
	if h.homes[id] == nil {
		h.homes[id] = map[int32]bool{}
	}
	h.homes[id][e.Partition] = true
	return e
}

// write makes the record's value: the row, without its large value where that is kept.
func (h *History) write(e *Event, op string, row Row, keep bool) {
	e.Row, e.KeepsBig = row, keep
	e.Row.Document = h.document(e.ID, row)
	stored := e.Row.Document
	switch {
	case op == "u" && h.dice.IntN(25) == 0: // a value that the column's type cannot hold
		e.Kind = Unusable
		stored = fmt.Sprintf(`{"id":%d,"v":"x","amount":"none","big":"b"}`, e.ID)
	case len(row.Big) >= aboveLimit:
		e.Kind = TooLarge
	}
	if keep && e.Kind != Unusable {
		row.Big = placeholder
		stored = h.document(e.ID, row)
	}
	if !keep {
		h.unknown[e.ID] = e.Kind != Upsert
	}
	h.rows[e.ID] = e.Row.Bare()
	e.Value = fmt.Appendf(nil, `{"before":null,"after":%s,"source":%s,"op":%q,"ts_ms":%d}`, stored, h.source(e), op, e.Place.Time+1)
}

// keeping is a row whose event did not have the large value.
func (r Row) keeping(stored *Row) Row {
	r.Big = "unavailable"
	if stored != nil {
		r.Big = stored.Big
	}
	return r
}

// remove makes a deletion and Kafka's tombstone behind it.
func (h *History) remove(e *Event) []*Event {
	e.Kind = Delete
	e.Value = fmt.Appendf(nil, `{"before":{"id":%d},"after":null,"source":%s,"op":"d","ts_ms":%d}`, e.ID, h.source(e), e.Place.Time+1)
	t := *e
	t.Kind, t.Value = Tombstone, nil
	return []*Event{e, &t}
}

// document is the row as the event has it.
func (h *History) document(id int64, r Row) string {
	v := strconv.Quote(r.V)
	if _, err := strconv.Atoi(r.V); err == nil && h.shape == numbers {
		v = r.V
	}
	out := fmt.Sprintf(`{"id":%d,"v":%s`, id, v)
	switch {
	case h.shape == noAmount:
	case r.HasAmount:
		out += fmt.Sprintf(`,"amount":%d`, r.Amount)
	default:
		out += `,"amount":null`
	}
	if h.shape == another {
		out += fmt.Sprintf(`,"extra":%d`, h.n)
	}
	return out + `,"big":"` + r.Big + `"}`
}

// flavour is a kind of database.
type flavour struct {
	name    string
	seconds bool // its clock says no more
	bare    bool // it gives no position
	source  func(p Place) string
}

var flavours = []flavour{
	{name: "postgres", source: func(p Place) string {
		return fmt.Sprintf(`"connector":"postgresql","db":"shop%d","lsn":%d`, p.Epoch, p.At)
	}},
	{name: "mysql", seconds: true, source: func(p Place) string {
		return fmt.Sprintf(`"connector":"mysql","server_id":%d,"file":"mysql-bin.%06d","pos":%d,"row":0,"gtid":null`, p.Epoch, p.At/1000, p.At%1000+4)
	}},
	{name: "mysql with gtids", seconds: true, source: func(p Place) string {
		return fmt.Sprintf(`"connector":"mysql","server_id":7,"file":"mysql-bin.%06d","pos":%d,"row":0,"gtid":"3e11fa47-71ca-11e1-9e33-c80aa94295%02d:%d"`,
			p.At/1000, p.At%1000+4, p.Epoch, p.At)
	}},
	{name: "clocks alone", bare: true, source: func(Place) string { return `"connector":"another"` }},
}

func (h *History) source(e *Event) string {
	snapshot := "false"
	if e.Place.Snapshot {
		snapshot = "true"
	}
	return fmt.Sprintf(`{%s,"snapshot":%q,"ts_ms":%d}`, h.flavour.source(e.Place), snapshot, e.Place.Time)
}
