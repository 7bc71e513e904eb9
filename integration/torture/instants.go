package torture

import (
	"errors"
	"fmt"
)

// checkPlaced compares an answer with the instants of the topic by keys that it can be of: of one generation.
func (a *answer) checkPlaced(h *history) error {
	var errs []error
	for _, p := range h.placements {
		err := a.checkIn(p)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	if h.gone {
		return a.checkLeast(h) // it may be one of the generation whose topic was deleted
	}
	return errors.Join(errs...)
}

func (a *answer) checkIn(p *placement) error {
	least, err := p.least(a.at)
	switch {
	case err != nil:
		return err
	case a.groups != nil:
		return a.groupsIn(p, least)
	case a.rows != nil:
		return a.rowsIn(p, least)
	}
	if err := checkDocument(a.document, a.row); err != nil {
		return err
	}
	var of []change
	for _, r := range p.keys[a.key] {
		of = append(of, change{a.key, r})
	}
	have := map[int64]*row{}
	if a.row != nil {
		have[a.key] = a.row
	}
	return p.instant(of, least[p.home[a.key]], have)
}

// rowsIn looks for the rows of each partition: those of one instant of it.
func (a *answer) rowsIn(p *placement, least position) error {
	have := map[int32]map[int64]*row{}
	for partition := range p.parts {
		have[partition] = map[int64]*row{}
	}
	for _, r := range a.rows {
		home, is := p.home[r.ID]
		if !is {
			return fmt.Errorf("nothing tells of %s", r)
		}
		have[home][r.ID] = r
	}
	for partition, changes := range p.parts {
		if err := p.instant(changes, least[partition], have[partition]); err != nil {
			return fmt.Errorf("partition %d by keys: %w", partition, err)
		}
	}
	return nil
}

// instant looks for an instant from an offset on at which the changes have led to just these rows.
func (p *placement) instant(changes []change, least int64, want map[int64]*row) error {
	var atLeast error // what is wrong at the first instant that it can be
	wrong := map[int64]bool{}
	for key := range want {
		wrong[key] = true
	}
	newest := map[int64]record{}
	look := func() bool {
		if len(wrong) == 0 {
			return true
		}
		if atLeast == nil {
			for key := range wrong {
				atLeast = fmt.Errorf("no instant from %d on is this one; %d keys differ there: %s instead of %s",
					least, len(wrong), want[key], p.shown(newest[key].row))
				break
			}
		}
		return false
	}
	for _, c := range changes {
		if c.offset >= least && look() {
			return nil
		}
		if old, is := newest[c.key]; is && old.lsn > c.lsn {
			continue
		}
		newest[c.key] = c.record
		if p.shown(c.row).equal(want[c.key]) {
			delete(wrong, c.key)
		} else {
			wrong[c.key] = true
		}
	}
	if look() {
		return nil
	}
	return atLeast
}

// groupsIn looks for groups in the instants of a single partition. Those of several are summed up, which says
// nothing of which instants they are.
func (a *answer) groupsIn(p *placement, least position) error {
	if len(p.parts) != 1 {
		return nil
	}
	for partition, changes := range p.parts {
		now, newest := map[string]group{}, map[int64]record{}
		add := func(r *row, by int64) {
			if r = p.shown(r); r != nil {
				g := now[r.S]
				now[r.S] = group{g.n + by, g.sum + by*r.Seq}
				if now[r.S].n == 0 {
					delete(now, r.S)
				}
			}
		}
		for _, c := range changes {
			if c.offset >= least[partition] && a.checkGroups(now) == nil {
				return nil
			}
			if old, is := newest[c.key]; is && old.lsn > c.lsn {
				continue
			}
			add(newest[c.key].row, -1)
			add(c.row, 1)
			newest[c.key] = c.record
		}
		if err := a.checkGroups(now); err != nil {
			return fmt.Errorf("no instant from %d on is this one; not the last: %w", least[partition], err)
		}
	}
	return nil
}
