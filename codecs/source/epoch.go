package source

import (
	"bytes"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Positions of one kind have an order only where they are of one log: that is what an
// epoch names. Who wrote the events is part of it, since two connectors may follow two
// databases of one name into one topic.
//
//	postgres, sqlserver, oracle, mongodb   connector, database
//	mysql, mariadb without GTIDs           connector, server id
//	with GTIDs                             connector, the GTID's source; the transaction's number orders
//
// What an event does not say is not part of its epoch: a flattened row that carries no
// more than an lsn is of the epoch of such rows.

// epoch sets what distinguishes the position's log from others.
func (f *Fields) epoch(p *tables.SourcePosition) {
	h := mix(uint64(p.Kind), f.Name)
	switch {
	case p.Kind != tables.SourceMySQL:
		h = mix(h, f.DB)
	default:
		source, serial := gtidParts(bytes.Trim(f.GTID, `"`))
		if serial == 0 {
			h = mix(h, bytes.Trim(f.Server, `"`))
			break
		}
		h, p.Serial = mix(h, source), serial
	}
	if p.Epoch = uint32(h ^ h>>32); p.Epoch == 0 {
		p.Epoch = 1 // 0 is that of positions without one
	}
}

// mix takes a name into a hash, and where it ends.
func mix(h uint64, name []byte) uint64 {
	const odd = 0x9e3779b97f4a7c15
	if jsontext.IsNull(name) {
		return h*odd + 1
	}
	return h*odd ^ xxhash.Sum64(name)
}

// gtidParts splits the GTID of a transaction in who made it and its number there:
// 3e11fa47-71ca-11e1-9e33-c80aa9429562:23, with a tag in between where MySQL has one, or
// 0-1-100 of MariaDB. The number is 0 where it is none.
func gtidParts(gtid []byte) (source []byte, serial uint64) {
	at := bytes.LastIndexByte(gtid, ':')
	if at < 0 {
		at = bytes.LastIndexByte(gtid, '-')
	}
	if at <= 0 {
		return nil, 0
	}
	n, ok := jsontext.Int(gtid[at+1:])
	if !ok || n <= 0 {
		return nil, 0
	}
	return gtid[:at], uint64(n)
}
