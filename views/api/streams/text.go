package streams

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
)

// writers are how streams write rows, one for each table and way to select.
type writers struct {
	mu  sync.Mutex
	all map[selection]*rowWriter
}

// selection is what a stream selects of a table, as that is read now.
type selection struct {
	table   *live.Served
	columns string
}

// rowWriter writes the keys and rows of events. What one stream has written, the others
// that select the same copy.
type rowWriter struct {
	selected selection
	keys     *render.Shape
	rows     *render.Shape
	users    int                          // with the lock of its writers
	recent   atomic.Pointer[recentWrites] // nil for one user, who writes everything once
}

// recentWrites are the last texts, each at a place that its change decides.
type recentWrites [4096]atomic.Pointer[written]

// written is a row and its text. It holds on to the row: no other one can have its place.
type written struct {
	row  *tables.Value
	text []byte
}

// of returns the writer of what a stream selects, which it must give back.
func (ws *writers) of(t *live.Served, q *query.Request) *rowWriter {
	sh := render.NewShape(q)
	selected := selection{table: t, columns: string(sh.AppendMeta(nil))}
	if q.QuoteNumbers {
		selected.columns += `"`
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w := ws.all[selected]
	if w == nil {
		w = &rowWriter{selected: selected, keys: keyShape(t, q.QuoteNumbers), rows: sh}
		if ws.all == nil {
			ws.all = map[selection]*rowWriter{}
		}
		ws.all[selected] = w
	}
	if w.users++; w.users == 2 {
		w.recent.Store(new(recentWrites))
	}
	return w
}

// back gives a writer back.
func (ws *writers) back(w *rowWriter) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if w.users--; w.users == 0 {
		delete(ws.all, w.selected)
	}
}

// keyShape is how the key of a row is written.
func keyShape(t *live.Served, quote bool) *render.Shape {
	outputs := make([]query.Output, len(t.KeyColumns))
	for i, k := range t.KeyColumns {
		outputs[i] = query.Output{Name: t.Def.Columns[k].Name, Column: k, Type: t.Def.Columns[k].Type}
	}
	return render.NewShape(&query.Request{Query: query.Query{Select: outputs}, QuoteNumbers: quote})
}

// appendGone appends the beginning of the data of an event by which a row is gone.
func (w *rowWriter) appendGone(dst []byte, row []tables.Value) []byte {
	from := len(dst)
	dst = append(w.keys.AppendValues(append(dst, `{"key":`...), row), `},"row":null`...)
	render.JoinLines(dst[from:])
	return dst
}

// appendRow appends the beginning of the data of an event with a row.
func (w *rowWriter) appendRow(dst []byte, row []tables.Value) []byte {
	from := len(dst)
	dst = w.keys.AppendValues(append(dst, `{"key":`...), row)
	dst = append(w.rows.AppendValues(append(dst, `},"row":`...), row), '}')
	render.JoinLines(dst[from:]) // a line break would end the data
	return dst
}

// appendNew is appendRow of the new row of an event, which other streams are notified of, too.
func (w *rowWriter) appendNew(dst []byte, e *changes.Event) []byte {
	recent := w.recent.Load()
	if recent == nil {
		return w.appendRow(dst, e.New)
	}
	at := uint64(e.Next)
	if at == 0 && len(e.Key) > 0 {
		at = uint64(e.Key[len(e.Key)-1])
	}
	slot := &recent[at%uint64(len(recent))]
	if t := slot.Load(); t != nil && t.row == &e.New[0] {
		return append(dst, t.text...)
	}
	from := len(dst)
	dst = w.appendRow(dst, e.New)
	slot.Store(&written{&e.New[0], slices.Clone(dst[from:])})
	return dst
}
