package oracle

// Copy is what one partition of the source says about a key.
type Copy struct {
	Row   *Row // nil where it reports a deletion
	Place Place
}

// Fold folds the records of a source that are committed.
type Fold struct {
	parts []map[int64]Copy
	// Refused counts the records that no row can be made of, TooLarge those whose row is too large.
	Refused, TooLarge int
}

// NewFold returns one that has seen nothing.
func NewFold(partitions int32) *Fold {
	o := &Fold{}
	for range partitions {
		o.parts = append(o.parts, map[int64]Copy{})
	}
	return o
}

// Take folds the next committed record of a partition: they come in the order of offsets.
func (o *Fold) Take(e *Event) {
	part := o.parts[e.Partition]
	switch e.Kind {
	case Unusable:
		o.Refused++
	case TooLarge:
		o.TooLarge++
	case Delete:
		part[e.ID] = Copy{Place: e.Place}
	case Tombstone:
		// The deletion before it says everything.
	case Upsert:
		row := e.Row
		if e.KeepsBig {
			stored := part[e.ID].Row
			row = row.keeping(stored)
		}
		part[e.ID] = Copy{Row: &row, Place: e.Place}
	}
}

// Part returns what a partition says about its keys.
func (o *Fold) Part(p int32) map[int64]Copy { return o.parts[p] }

// Rows returns the rows of the table.
func (o *Fold) Rows() map[int64]Row {
	ids, out := map[int64]bool{}, map[int64]Row{}
	for _, part := range o.parts {
		for id := range part {
			ids[id] = true
		}
	}
	for id := range ids {
		if c := o.Latest(id); c.Row != nil {
			out[id] = *c.Row
		}
	}
	return out
}

// Latest returns which of the copies of a key counts. Clocks decide between logs, never
// within one: of each log only the last change is asked for its clock.
func (o *Fold) Latest(id int64) Copy {
	var all []Copy
	for _, part := range o.parts {
		if c, ok := part[id]; ok {
			all = append(all, c)
		}
	}
	var latest *Copy
	for i := range all {
		superseded := false
		for j := range all {
			superseded = superseded || all[j].Place.ordered(all[i].Place) && all[j].Place.At > all[i].Place.At
		}
		if !superseded && (latest == nil || all[i].Place.later(latest.Place)) {
			latest = &all[i]
		}
	}
	if latest == nil {
		return Copy{}
	}
	return *latest
}
