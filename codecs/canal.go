package codecs

import (
	"github.com/tidemark/tidemark/tables"
)

// A canalDecoder reads canal-json, the flat messages of Canal: {database, table,
// type, data: [rows], old: [rows], es, ...}. All values are text. A message of one
// row is one change; those of several rows are split before they come here.
type canalDecoder struct {
	*rowDecoder
	es, ddl []byte
	tidb    []byte // what TiCDC adds
	rows    int    // in data
}

func newCanalDecoder(t *tables.Table, o Options) *canalDecoder {
	d := &canalDecoder{rowDecoder: newRowDecoder(t, o)}
	d.prefix = "data[0]."
	for i := range d.columns {
		if d.m[i].kind != plain {
			continue
		}
		switch d.columns[i].Type.Kind {
		case tables.JSON:
			d.m[i].kind = jsonText
		case tables.Bytes:
			d.m[i].kind = bytesLatin1
		}
	}
	return d
}

// Decode implements Decoder.
func (d *canalDecoder) Decode(r *Record, c *tables.Change) error {
	if err := d.decode(r, c); err != nil {
		return err
	}
	return nil
}

func (d *canalDecoder) decode(r *Record, c *tables.Change) *Error {
	if done, err := d.start(r, c); done {
		return err
	}
	if err := d.message(r.Value); err != nil {
		return err
	}
	const most = 1 << 53 // milliseconds, which times 1000 fit an int64
	for _, raw := range [][]byte{d.ts, d.es} {
		if ms, ok := bareInt(raw); ok && ms > 0 && ms < most {
			c.Time = ms * 1000 // es, the database's time, where there is one
		}
	}
	d.place(c)
	if d.elsewhere(c) {
		return nil
	}
	kind := word(d.kind)
	if d.rows > 1 && (kind == "INSERT" || kind == "UPDATE" || kind == "DELETE") {
		return &Error{Field: "data", Reason: "several rows in one message: the source needs partitioner: any, which splits them"}
	}
	switch kind {
	case "":
		return &Error{Field: "value.type", Reason: "no such member, so this is no flat message of Canal: " + clip(r.Value)}
	case "INSERT":
		return d.put(r, c, nil)
	case "UPDATE":
		return d.put(r, c, d.old)
	case "DELETE":
		if d.rows == 0 {
			c.Reason = SkipNoRow
			return nil
		}
		return d.take(r, c)
	case "TRUNCATE":
		c.Op = tables.Truncate
	case "MHEARTBEAT":
		c.Reason = SkipHeartbeat
	case "GTID", "XACOMMIT", "XAROLLBACK", "TRANSACTIONBEGIN", "TRANSACTIONEND":
		c.Reason = SkipTransaction
	case "CREATE", "ALTER", "ERASE", "RENAME", "CINDEX", "DINDEX", "QUERY":
		c.Reason = SkipSchemaChange
	default:
		if c.Reason = SkipUnknownOp; string(d.ddl) == "true" {
			c.Reason = SkipSchemaChange
		}
	}
	return nil
}

// place takes the position that TiCDC tells: when the change was committed, by the
// cluster's own clock. Canal's own messages have none.
func (d *canalDecoder) place(c *tables.Change) {
	if isNull(d.tidb) {
		return
	}
	s := scanner{b: d.tidb}
	if s.peek() != '{' {
		return
	}
	s.i++
	for first := true; ; first = false {
		name, ok := s.member(first)
		if !ok {
			return
		}
		raw := s.value()
		if ts, ok := bareInt(raw); ok && ts > 0 && string(name) == "commitTs" {
			c.Source = tables.SourcePosition{Kind: tables.SourceTiDB, Minor: uint64(ts), Epoch: 1}
		}
	}
}

// message finds the members of a message, and the declared values of its only row, in one pass.
func (d *canalDecoder) message(value []byte) *Error {
	d.reset()
	d.es, d.ddl, d.tidb, d.rows = nil, nil, nil, 0
	return d.each(value, func(name []byte, s *scanner) {
		switch string(name) {
		case "es":
			d.es = s.value()
		case "_tidb":
			d.tidb = s.value()
		case "isDdl":
			d.ddl = s.value()
		case "data":
			d.row.reset()
			d.data = nil
			d.rows = list(s, func() { d.image(s) })
		case "old":
			d.old = nil
			list(s, func() { d.old = s.value() })
		default:
			d.common(name, s)
		}
	})
}

// list calls element at every element of an array, which it must read, and returns
// how many there are. Anything but an array has none.
func list(s *scanner, element func()) int {
	if s.peek() != '[' {
		s.value()
		return 0
	}
	s.i++
	n := 0
	for ; s.element(n == 0); n++ {
		if element(); s.fault != "" {
			break
		}
	}
	return n
}
