package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

const outrunsVersion = 1

// Outrun says that another partition of the source has a later change of a key, and
// where that is: a row from before it is to be given up.
type Outrun struct {
	Key   tables.Key
	Later tables.Precedence
}

// DuplicateKey is a key that several partitions have something of, as a view knows it: the
// latest change is settled, and there are rows of the key from before it.
type DuplicateKey struct {
	Outrun
	Partition int32   // that has the latest change
	Deletion  bool    // the latest change is one
	Losing    []int32 // partitions that have a row from before it
}

// AppendOutruns appends the body of a control record of kind GiveUp to dst.
func AppendOutruns(dst []byte, all []Outrun) []byte {
	dst = append(dst, outrunsVersion)
	for i := range all {
		o := &all[i]
		dst = binary.AppendUvarint(dst, uint64(len(o.Key)))
		dst = append(dst, o.Key...)
		snapshot := byte(0)
		if o.Later.Source.Snapshot {
			snapshot = 1
		}
		dst = append(dst, snapshot)
		dst = appendSource(dst, o.Later.Source)
		dst = appendEpoch(dst, o.Later.Source)
		dst = binary.AppendVarint(dst, o.Later.Time)
		dst = appendLogged(dst, o.Later.Time, o.Later.Logged)
	}
	return dst
}

// ParseOutruns reads the body of a control record of kind GiveUp.
func ParseOutruns(b []byte) ([]Outrun, error) {
	r := reader{b: b}
	r.version(outrunsVersion)
	var all []Outrun
	for len(r.b) > 0 && !r.bad {
		o := Outrun{Key: tables.Key(r.take(r.uvarint()))}
		o.Later.Source = r.source(r.byte() == 1)
		r.epoch(&o.Later.Source)
		o.Later.Time = r.varint()
		o.Later.Logged = r.logged(o.Later.Time)
		if o.Key == "" {
			r.fail()
		}
		all = append(all, o)
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("rows to be given up: %w", ErrCorrupt)
	}
	return all, nil
}
