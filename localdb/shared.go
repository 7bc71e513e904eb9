package localdb

import (
	"os"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// Limits are what the databases of a process may take together.
type Limits struct {
	Memory    int64 // bytes of the whole process
	Files     int   // open at a time, of all databases
	Databases int   // about so many
}

// Shared is what the databases of a process have together: one cache of blocks, one of open
// tables, one bound for files that are written, and memory for their write buffers. A nil *Shared has nothing:
// each database has what its options say.
type Shared struct {
	blocks, tables opt.Cacher
	writers        *writers
	buffer         int
}

const (
	kib = 1 << 10
	mib = 1 << 20

	leastBuffer = 256 * kib
	leastCache  = 16 * mib
	// largeBytes is the size on disk from which on a database gets the write buffer that it asks for: a
	// small one would have it rewrite too much at each merge, and beside its rows the buffer is small.
	largeBytes = 32 * mib

	// The parts of the process's memory that caches and write buffers get.
	cachePart  = 32
	bufferPart = 64

	leastFiles = 64
	// parkAfter is longer than the pauses between writes to a partition that is not at rest.
	parkAfter = 5 * time.Second
)

// NewShared divides the limits.
func NewShared(l Limits) *Shared {
	files := max(l.Files, leastFiles)
	return &Shared{
		blocks:  opt.NewLRU(int(max(l.Memory/cachePart, leastCache))),
		tables:  opt.NewLRU(files / 2),
		writers: &writers{most: files - files/2, idle: parkAfter},
		buffer:  int(max(l.Memory/bufferPart/int64(max(l.Databases, 1)), leastBuffer)),
	}
}

// WriteBuffer returns the bytes of the write buffer of a small database that asks for so many.
func (s *Shared) WriteBuffer(wanted int) int {
	if s == nil {
		return wanted
	}
	return min(wanted, s.buffer)
}

// Open is the function Open for a database of the process.
func (s *Shared) Open(dir string, o *opt.Options, torn func(TornJournal)) (*leveldb.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := openFiles(dir, s.written())
	if err != nil {
		return nil, err
	}
	bytes, err := prove(f, torn)
	if err == nil {
		s.fit(o, bytes)
		o.Strict = opt.StrictAll
		var db *leveldb.DB
		if db, err = leveldb.Open(f, o); err == nil {
			return db, nil
		}
	}
	f.Unlock()
	return nil, err
}

func (s *Shared) written() *writers {
	if s == nil {
		return &writers{idle: parkAfter}
	}
	return s.writers
}

// fit sets the options of a database that has so many bytes on disk.
func (s *Shared) fit(o *opt.Options, bytes int64) {
	if s == nil {
		return
	}
	if bytes < largeBytes {
		o.WriteBuffer = s.WriteBuffer(o.WriteBuffer)
	}
	o.BlockCacher, o.OpenFilesCacher = s.blocks, s.tables
}
