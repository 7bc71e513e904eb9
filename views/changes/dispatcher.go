package changes

// The dispatcher is a goroutine that is there while a feed has readers. It looks at what is
// appended, finds by the index whom it concerns, and wakes those only: a thousand readers
// of which each wants something else cost no more than what they want. A reader that is
// not woken has taken everything up to where the dispatcher is.

const (
	// manyChanges are more than the dispatcher looks at by itself: it is behind, and each
	// reader looks through them, on all cores.
	manyChanges = 2048
	// placesOf is how often all readers get their place while a feed's content goes
	// by, so that who comes back with it finds it there.
	placesOf = 4
)

// notify wakes the dispatcher: there is something new. The caller holds mu.
func (f *Feed) notify() {
	select {
	case f.news <- struct{}{}:
	default: // it knows, or there is none
	}
}

// dispatch runs until its channel is closed.
func (f *Feed) dispatch(news <-chan struct{}) {
	var groups []entry
	var found []concern
	for range news {
		groups, found = f.announce(groups[:0], found[:0])
		if cap(groups)+cap(found) > 2*manyChanges {
			groups, found = nil, nil
		}
	}
}

// concern is a reader, and the first group that it wants.
type concern struct {
	reader *Reader
	group  uint64
}

// announce wakes whom the groups concern that came since the last call. It uses the
// room of what it is given, and returns it.
func (f *Feed) announce(groups []entry, found []concern) ([]entry, []concern) {
	f.index.mu.Lock() // until all are notified: a reader that is added later looks for itself
	defer f.index.mu.Unlock()
	groups, from, to, all := f.unexamined(groups)
	f.index.begin()
	for i := range groups {
		found = f.index.find(&groups[i].Group, from+uint64(i), found)
	}
	clear(groups)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.examined = to
	for _, c := range found {
		c.reader.want(c.group, to)
	}
	clear(found)
	if all {
		for r := range f.readers {
			r.want(from, to)
		}
	}
	if f.sincePlaces > f.limit/placesOf {
		f.sincePlaces = 0
		for r := range f.readers {
			r.due = true
			r.wake()
		}
	}
	return groups, found
}

// unexamined appends the groups that the dispatcher has not looked at, from one number to
// before another; all says that they are too many, or partly gone, and so left out.
func (f *Feed) unexamined(groups []entry) (_ []entry, from, to uint64, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, to = f.examined, f.end()
	if from < f.first {
		return groups, from, to, true
	}
	fresh, n := f.groups[from-f.first:], 0
	for i := range fresh {
		n += len(fresh[i].Changes)
	}
	if n > manyChanges {
		return groups, from, to, true
	}
	return append(groups, fresh...), from, to, false
}

// enter makes r one of the feed's readers, which looks at everything from a group on.
func (f *Feed) enter(r *Reader, group func() uint64) {
	f.index.add(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers == nil {
		f.readers = map[*Reader]struct{}{}
	}
	if len(f.readers) == 0 {
		f.news = make(chan struct{}, 1)
		f.examined = f.end()
		go f.dispatch(f.news)
	}
	f.readers[r] = struct{}{}
	r.next = group()
	r.wanted, r.asked = r.next, true
	r.wake()
}

// leave takes r out; with the last reader the dispatcher goes.
func (f *Feed) leave(r *Reader) {
	f.index.remove(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.readers, r)
	if len(f.readers) == 0 {
		close(f.news)
		f.news = nil
	}
}
