package localdb

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// writers bounds how many of the files that are written now and then are open. One that was not
// written for a while is closed, and opened again by the next write.
type writers struct {
	most int           // 0: any number
	idle time.Duration // after so long, to twice of it, without a write

	mu    sync.Mutex
	open  []*writer // in the order in which they are looked at
	at    int       // whose turn it is
	timer *time.Timer
}

// writer is a file that is appended to.
type writer struct {
	of       *writers
	path     string
	manifest bool        // its directory is synced with it
	used     atomic.Bool // since it was last looked at

	mu     sync.Mutex
	file   *os.File // nil while it is not open
	closed bool
}

var _ storage.Writer = (*writer)(nil)

func (w *writers) create(path string, manifest bool) (*writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	one := &writer{of: w, path: path, manifest: manifest, file: f}
	one.used.Store(true)
	w.note(one)
	return one, nil
}

// Write appends.
func (w *writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.reopen(); err != nil {
		return 0, err
	}
	return w.file.Write(b)
}

// Sync makes last what was written, also before the file was closed in between.
func (w *writer) Sync() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.reopen(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil || !w.manifest {
		return err
	}
	return SyncDir(filepath.Dir(w.path))
}

// Close closes it for good.
func (w *writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return storage.ErrClosed
	}
	w.closed = true
	if w.file == nil {
		return nil
	}
	w.of.forget(w)
	err := w.file.Close()
	w.file = nil
	return err
}

// reopen opens the file if it is not; for the holder of mu.
func (w *writer) reopen() error {
	w.used.Store(true)
	if w.closed {
		return storage.ErrClosed
	}
	if w.file != nil {
		return nil
	}
	f, err := os.OpenFile(w.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	w.file = f
	w.of.note(w)
	return nil
}

// park closes the file until the next write. It reports false for one that is being written.
func (w *writer) park() bool {
	if !w.mu.TryLock() {
		return false
	}
	defer w.mu.Unlock()
	if w.file == nil {
		return true
	}
	if err := w.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return false // it stays as it is: the next write tells
	}
	w.file = nil
	return true
}

// note counts a file that was opened, and closes others if they have become too many.
func (w *writers) note(one *writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = append(w.open, one)
	for looks := 2 * len(w.open); w.most > 0 && len(w.open) > w.most && looks > 0; looks-- {
		if w.at >= len(w.open)-1 { // the last one is this one
			w.at = 0
		}
		if w.open[w.at].used.Swap(false) || !w.drop(w.at) {
			w.at++
		}
	}
	if w.timer == nil {
		w.timer = time.AfterFunc(w.idle, w.look)
	}
}

// drop closes a file, whose place the last one takes; for the holder of mu.
func (w *writers) drop(at int) bool {
	if !w.open[at].park() {
		return false
	}
	w.remove(at)
	return true
}

func (w *writers) remove(at int) {
	last := len(w.open) - 1
	w.open[at], w.open[last] = w.open[last], nil
	w.open = w.open[:last]
}

// look closes what nothing was written to since the last look.
func (w *writers) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at := 0; at < len(w.open); {
		if w.open[at].used.Swap(false) || !w.drop(at) {
			at++
		}
	}
	w.timer = nil
	if len(w.open) > 0 {
		w.timer = time.AfterFunc(w.idle, w.look)
	}
}

// forget takes a file out that is closed for good.
func (w *writers) forget(one *writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at := range w.open {
		if w.open[at] == one {
			w.remove(at)
			return
		}
	}
}
