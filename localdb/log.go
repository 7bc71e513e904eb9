package localdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// A log of LevelDB is blocks of this size, filled with chunks: checksum u32, length u16,
// kind, and the bytes. A record is one full chunk, or a first one, middle ones and a last.
const (
	blockSize  = 32 << 10
	chunkHead  = 7
	kindFull   = 1
	kindFirst  = 2
	kindMiddle = 3
	kindLast   = 4
)

// readLog calls fn with every record of a log. An end that is not whole, behind which
// nothing can be read, is returned; anything else that is not whole is ErrDamaged.
func readLog(path string, fn func(record []byte) error) (*tornEnd, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	var record []byte
	started := -1 // where the record that is being read begins
	for at := 0; ; {
		at = pastPadding(b, at)
		if at >= len(b) {
			break
		}
		body, kind := chunkAt(b, at)
		if body == nil {
			if from := wholeChunk(b, at+1); from >= 0 {
				return nil, fmt.Errorf("what is at %d cannot be read, and what follows at %d can: %w", at, from, ErrDamaged)
			}
			if started < 0 {
				started = at
			}
			break
		}
		if (kind == kindFull || kind == kindFirst) != (started < 0) {
			return nil, fmt.Errorf("part of a record is missing at %d: %w", at, ErrDamaged)
		}
		if started < 0 {
			started, record = at, record[:0]
		}
		record = append(record, body...)
		at += chunkHead + len(body)
		if kind == kindFull || kind == kindLast {
			if err := fn(record); err != nil {
				return nil, fmt.Errorf("record at %d: %w", started, err)
			}
			started = -1
		}
	}
	if started < 0 {
		return nil, nil
	}
	return &tornEnd{path: path, size: int64(started), lost: int64(len(b) - started)}, nil
}

// pastPadding skips the end of a block that has no room for a chunk.
func pastPadding(b []byte, at int) int {
	if left := blockSize - at%blockSize; left < chunkHead && at+left <= len(b) {
		return at + left
	}
	return at
}

// chunkAt returns the bytes of the chunk that begins at a place, nil when there is no whole one.
func chunkAt(b []byte, at int) (body []byte, kind byte) {
	end := min(len(b), at-at%blockSize+blockSize)
	if at+chunkHead > end {
		return nil, 0
	}
	kind = b[at+6]
	to := at + chunkHead + int(binary.LittleEndian.Uint16(b[at+4:]))
	if kind < kindFull || kind > kindLast || to > end {
		return nil, 0
	}
	if util.NewCRC(b[at+6:to]).Value() != binary.LittleEndian.Uint32(b[at:]) {
		return nil, 0
	}
	return b[at+chunkHead : to : to], kind
}

// wholeChunk looks for a chunk at any place from one on, and returns -1 when there is none.
func wholeChunk(b []byte, from int) int {
	for at := from; at+chunkHead <= len(b); at++ {
		if body, _ := chunkAt(b, at); body != nil {
			return at
		}
	}
	return -1
}
