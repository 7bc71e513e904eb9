package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/syndtr/goleveldb/leveldb"

	"github.com/tidemark/tidemark/localdb"
)

// UnfitError says why a state on disk must not be used.
type UnfitError struct{ Why string }

// Error says why.
func (e *UnfitError) Error() string { return "the local state cannot be used: " + e.Why }

// ErrOtherSource says that the state was made from another source topic of the same
// name, while its changelog is still there: offsets no longer mean what they did.
var ErrOtherSource = errors.New("the local state was made from a source topic that was deleted and made again")

// checkIdentity compares the state with the topics it must belong to and with the
// clock. A state that has not been touched for longer than tombstones live may hold
// rows whose deletion it can no longer learn of.
func (s *Store) checkIdentity() error {
	b, err := s.db.Get([]byte(metaIdentity), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return s.touch()
	}
	if err != nil {
		return fmt.Errorf("read the identity: %w", err)
	}
	id, err := parseIdentity(b)
	if err != nil {
		return err
	}
	if !same(id.Changelog, s.opts.Identity.Changelog) {
		return &UnfitError{Why: "it belongs to a changelog that was deleted and made again"}
	}
	if !same(id.Source, s.opts.Identity.Source) {
		return ErrOtherSource
	}
	clock, err := s.metaInt(metaClock)
	if err != nil {
		return err
	}
	if age := s.opts.Clock().Sub(time.UnixMicro(clock)); s.opts.MaxAge > 0 && age > s.opts.MaxAge {
		return &UnfitError{Why: fmt.Sprintf("it is %s old, and tombstones may be gone after %s", age.Round(time.Second), s.opts.MaxAge)}
	}
	return s.touch()
}

// touch writes identity and clock: the state was current at this time.
func (s *Store) touch() error {
	b := new(leveldb.Batch)
	b.Put([]byte(metaIdentity), s.opts.Identity.append(nil))
	b.Put([]byte(metaClock), appendInt(nil, s.opts.Clock().UnixMicro()))
	if err := s.db.Write(b, nil); err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	return nil
}

// Touch notes that the state is current now. The owner calls it while it runs.
func (s *Store) Touch() error { return s.touch() }

func isCorrupt(err error) bool {
	return errors.Is(err, ErrCorrupt) || localdb.IsDamaged(err)
}

// note remembers an error that means that the files are damaged.
func (s *Store) note(err error) error {
	if isCorrupt(err) {
		s.damage.CompareAndSwap(nil, &err)
	}
	return err
}

// Damage returns the first error that showed that the files are damaged, or nil. A
// damaged state must be set aside: it would fail again.
func (s *Store) Damage() error {
	if p := s.damage.Load(); p != nil {
		return *p
	}
	return nil
}

// Doubt makes the state count as damaged, for a reason that its files do not show, and
// returns that.
func (s *Store) Doubt(why error) error {
	s.damage.CompareAndSwap(nil, &why)
	return why
}

const asideMark = ".aside-"

// asideKept is how many set-aside states of a partition are kept for inspection.
const asideKept = 1

// SetAside renames the state so that the next Open begins with an empty one. The
// store must be closed.
func SetAside(o Options, why error) error {
	o.defaults()
	return setAside(o, why)
}

func setAside(o Options, why error) error {
	to := o.Dir + asideMark + strconv.FormatInt(o.Clock().UnixNano(), 10)
	o.Logger.Warn("local state set aside, it is rebuilt from the changelog", "dir", o.Dir, "to", to, "reason", why)
	if err := os.Rename(o.Dir, to); err != nil {
		return fmt.Errorf("set the state aside: %w", err)
	}
	return dropOldAside(o.Dir)
}

// dropOldAside keeps the newest set-aside states only: a damaged disk must not be filled with them.
func dropOldAside(dir string) error {
	parent, base := filepath.Dir(dir), filepath.Base(dir)
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("list set-aside states: %w", err)
	}
	var found []string
	for _, e := range entries { // sorted by name, which is by time
		if strings.HasPrefix(e.Name(), base+asideMark) {
			found = append(found, e.Name())
		}
	}
	for i := 0; i < len(found)-asideKept; i++ {
		if err := os.RemoveAll(filepath.Join(parent, found[i])); err != nil {
			return fmt.Errorf("remove an old set-aside state: %w", err)
		}
	}
	return nil
}
