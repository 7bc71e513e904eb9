package api_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
)

// Where records are repartitioned by keys, an id gives the place among the repartitioned ones, and a
// client resumes by it exactly although the position of the source stands still meanwhile.
func TestChangesResumeExactlyWhereRecordsArePlacedByKeys(t *testing.T) {
	l := newLive(t, shopTable())
	l.put(t, tables.Position{1}, []any{1, "Rome"})
	l.feed = changes.New(tables.Position{1}, 1<<20)
	l.feed.Topic = "9f86d081884c7d65"
	l.toSource = func(p tables.Position) tables.Position { return tables.Position{p.At(0) / 100 * 100, 7} }
	w := newWorld(t, nil, l)
	first := w.follow(t, "/v1/tables/shop/changes", "")
	for i := range int64(50) {
		l.change(t, 2+i, 10+i, []any{10 + i, fmt.Sprint("city ", i)})
	}
	entered := func(i int64) string {
		return fmt.Sprintf(`enter {"key":{"id":%d},"row":{"id":%d,"city":"city %d"},"position":"0:0,1:7"}`, 10+i, 10+i, i)
	}
	for i := range int64(20) {
		first.want(entered(i))
	}
	if first.lastID != "0:0,1:7;9f86d081884c7d65;0:21" {
		t.Fatalf("id %q", first.lastID)
	}
	again := w.follow(t, "/v1/tables/shop/changes", first.lastID)
	for i := int64(20); i < 50; i++ {
		again.want(entered(i))
	}
}

// An id of another topic, of the source alone, or of none is no place in the feed.
func TestChangesStartOverFromAnIDThatIsNoPlace(t *testing.T) {
	repartitioned, plain := newLive(t, shopTable()), newLive(t, shopTable())
	for _, l := range []*liveTable{repartitioned, plain} {
		l.put(t, tables.Position{1}, []any{1, "Rome"})
		l.feed = changes.New(tables.Position{1}, 1<<20)
	}
	repartitioned.feed.Topic, repartitioned.toSource = "ab", func(p tables.Position) tables.Position { return p }
	at := newWorld(t, nil, repartitioned)
	for _, id := range []string{"0:1", "0:1;cd;0:1", "0:1;ab;", "0:1;ab", "0:1;;0:1", "0:1;ab;0:1,5:1", "0:1;ab;0:1;0:1", ";", ";ab;x"} {
		at.follow(t, "/v1/tables/shop/changes", id).want(`reset {}`)
	}
	e := at.follow(t, "/v1/tables/shop/changes", "0:1;ab;0:1")
	repartitioned.change(t, 2, 2, []any{2, "Oslo"})
	e.want(`enter {"key":{"id":2},"row":{"id":2,"city":"Oslo"},"position":"0:2"}`)
	newWorld(t, nil, plain).follow(t, "/v1/tables/shop/changes", "0:1;ab;0:1").want(`reset {}`)
}

// An id may be asked for as a position: it begins with one.
func TestAnIDIsAPositionToWaitFor(t *testing.T) {
	l := newLive(t, shopTable())
	l.put(t, tables.Position{5}, []any{1, "Rome"})
	w := newWorld(t, nil, l)
	var got []int
	for _, id := range []string{"0:5", "0:5;ab;0:900", "0:6;ab;0:1", ";ab;0:1"} {
		res, _ := w.do("GET", "/v1/tables/shop/rows/1", "", "Tidemark-Min-Position: "+id)
		got = append(got, res.StatusCode)
	}
	if want := []int{200, 200, 412, 400}; !slices.Equal(got, want) {
		t.Errorf("answered %v, want %v", got, want)
	}
}

// A process may have seen nothing yet of a partition that the client was notified of by another:
// it is waited for, as for any other position.
func TestChangesResumeInAPartitionThatIsNewToTheProcess(t *testing.T) {
	for name, topic := range map[string]string{"position": "", "place": "ab"} {
		t.Run(name, func(t *testing.T) {
			l := newLive(t, shopTable())
			l.feed = changes.New(nil, 1<<20)
			id, told := "0:1,1:4", "1:5"
			if l.feed.Topic = topic; topic != "" {
				told = "0:1,1:5"
				id, l.toSource = "0:0;ab;"+id, func(p tables.Position) tables.Position { return p }
			}
			l.awaited = func() {
				l.put(t, tables.Position{1, 4}, []any{1, "Rome"})
				l.feed.Append(changes.Group{Version: 1, After: tables.Position{1, 4}})
			}
			w := newWorld(t, nil, l)
			e := w.follow(t, "/v1/tables/shop/changes", id)
			l.feed.Append(changes.Group{Version: 2, After: tables.Position{1, 5}, Changes: []changes.Change{
				{Key: "k", Partition: 1, Next: 5, New: []tables.Value{tables.Int64Value(2), tables.StringValue("Oslo")}},
			}})
			e.want(fmt.Sprintf(`enter {"key":{"id":2},"row":{"id":2,"city":"Oslo"},"position":%q}`, told))
		})
	}
}
