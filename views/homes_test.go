package views_test

import "testing"

// TestKeyInTwoPartitionsIsServedOnce has the row of a key in one partition and its
// later changes in another, as after a change of the source's converter.
func TestKeyInTwoPartitionsIsServedOnce(t *testing.T) {
	w := newWorld(t, 2)
	v := w.view(t.TempDir()).ready()
	w.event(0, 1, "old", 1)
	v.is(w)
	w.event(1, 2, "other", 2)
	w.event(1, 1, "new", 3)
	want := map[int64]string{1: "new 3", 2: "other 2"}
	w.shows(v, "both partitions", want)
	await(t, "the key to be noticed", func() bool { return v.metric("tidemark_view_doubled_keys") == 1 })
	v.sealed(w.takeBatch())
	w.shows(v, "a batch", want)
	v.stop()
	v = w.view(t.TempDir())
	w.shows(v, "a view that begins again", want)
	v.sealed(w.takeBatch())
	w.shows(v, "another batch", want)
}
