package state

import (
	"time"

	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"

	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/processors/events"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// Options say where the state of a partition is and how it is kept.
type Options struct {
	Dir          string
	Identity     Identity
	MaxAge       time.Duration   // a state not touched for longer is set aside; 0 = never
	FlushBytes   int             // default 512 KiB, or half of the write buffer
	FlushEvery   time.Duration   // default 50 ms
	WriteBuffer  int             // of LevelDB, bytes, where Databases leave so much; default 8 MiB
	Databases    *localdb.Shared // what the databases of the process share; nil = nothing
	CompactEvery time.Duration   // how often a state at rest is looked at; default 10 s
	Uncompressed bool            // trade disk for a tenth of the CPU time
	// KeepDeletions is how long a deletion is kept, by the time of its source record,
	// and a before-image, by the time it was kept; 0 = no longer than a replay could reach it.
	KeepDeletions time.Duration
	Clock         func() time.Time // default time.Now
	Events        *events.Listener // default none
	// Storage replaces the files of Dir; for tests of failing disks.
	Storage storage.Storage
}

func (o *Options) defaults() {
	if o.FlushEvery <= 0 {
		o.FlushEvery = 50 * time.Millisecond
	}
	if o.CompactEvery <= 0 {
		o.CompactEvery = compactEvery
	}
	if o.WriteBuffer <= 0 {
		o.WriteBuffer = 8 * mib
	}
	if o.FlushBytes <= 0 {
		o.FlushBytes = min(512*kib, o.Databases.WriteBuffer(o.WriteBuffer)/2)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.Events = o.Events.EnsureDefaults()
}

// leveldb sizes the database for a stream of writes with few reads: measured, see
// the benchmarks' documentation.
func (o Options) leveldb() *opt.Options {
	compression := opt.SnappyCompression
	if o.Uncompressed {
		compression = opt.NoCompression
	}
	return &opt.Options{
		BlockSize:              16 * kib,
		BlockCacheCapacity:     8 * mib,
		Compression:            compression,
		CompactionL0Trigger:    6,
		CompactionTableSize:    8 * mib,
		CompactionTotalSize:    64 * mib,
		DisableSeeksCompaction: true,
		Filter:                 filter.NewBloomFilter(10),
		OpenFilesCacheCapacity: 128,
		WriteBuffer:            o.WriteBuffer,
		WriteL0SlowdownTrigger: 16,
		WriteL0PauseTrigger:    32,
	}
}
