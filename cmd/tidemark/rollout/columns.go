package rollout

import (
	"context"
	"slices"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/cmd/tidemark/schemacolumns"
	"github.com/tidemark/tidemark/tables"
)

// A table whose columns come from the records' schema has no definition before somebody has
// read one. The first process with the processor role does, and makes the first record of it;
// all others take the definition from the record (generations.Joined). A processor that comes
// upon a new column in its records tells it (New has that noted), and the next step asks for a generation
// that has it, as for any addition.

// lookForSchema is how often the source is looked at for its first record.
const lookForSchema = time.Second

// join makes the definition of this process out of its file, the record, and what the schema has
// told. It returns whether that can be served.
func (c *Controller) join(s *generations.State) bool {
	if c.o.Table.ColumnsFrom != tables.ColumnsSchema {
		return true
	}
	told := c.seen.tellsOf(s.Record.Current.Columns)
	joined := generations.Joined(s.Record, c.o.Table, told)
	if err := schemacolumns.Whole(joined); err != nil {
		c.schema.awaits(err.Error())
		c.seen.define(&s.Record.Current)
		return false
	}
	if before := generations.Joined(s.Record, c.o.Table, nil); len(joined.Columns) > len(before.Columns) {
		c.asked = false // what the schema tells is asked for whenever it is told
	}
	c.seen.define(joined)
	return true
}

// schemaReader makes the first definition of a table whose columns come from the records' schema, and
// says what is taken from there.
type schemaReader struct {
	o      *Options
	events *events.Listener
	seen   *seen
	looked time.Time // at the source
}

// first returns the definition of a table that has no record yet; nil while there is nothing to
// make it of, which is then noted.
func (r *schemaReader) first(ctx context.Context) *tables.Table {
	if r.o.Table.ColumnsFrom != tables.ColumnsSchema {
		return r.o.Table
	}
	if !r.o.Parts.Processor {
		r.awaits("the columns come from the schema of the records: a process with the role processor reads it, and none has yet")
		return nil
	}
	if time.Since(r.looked) < lookForSchema {
		return nil
	}
	r.looked = time.Now()
	t, err := schemacolumns.Define(ctx, r.o.Parts.Kafka, r.o.Table, r.o.Parts.Schemas)
	if err != nil {
		r.awaits(err.Error())
		return nil
	}
	r.taken(t.Columns)
	return t
}

// awaits says what the table's definition lacks.
func (r *schemaReader) awaits(note string) {
	r.seen.setWaits(note)
	if r.seen.setNote(note) {
		r.events.ColumnsAwaited(events.ColumnsAwaited{Note: note})
	}
}

// taken says which columns become the table's because the schema tells them.
func (r *schemaReader) taken(all []tables.Column) {
	var names []string
	for i := range all {
		if all[i].Told {
			names = append(names, all[i].Name+" "+all[i].Type.String())
		}
	}
	if len(names) > 0 {
		r.events.ColumnsTaken(events.ColumnsTaken{Columns: names})
	}
}

// standIn is what readers see of a table before its columns are known: no row of it is ever
// read, and the table says why.
func standIn(declared *tables.Table) *tables.Table {
	out := *declared
	out.Where, out.SortKey, out.Source.DeleteWhen = "", nil, ""
	out.Columns = slices.Clone(declared.Columns)
	if len(out.Key) == 0 {
		out.Key = []string{"key"}
		if len(out.Columns) > 0 {
			out.Key = []string{out.Columns[0].Name}
		}
	}
	for _, name := range out.Key {
		if out.ColumnIndex(name) < 0 {
			out.Columns = append(out.Columns, tables.Column{Name: name, Type: tables.Type{Kind: tables.String}})
		}
	}
	return &out
}

// opening returns the first generation of a process, before the record is read.
func (o *Options) opening() (*Generation, error) {
	if o.Table.ColumnsFrom != tables.ColumnsSchema {
		return o.Parts.make(o.Table, nil, false)
	}
	parts := o.Parts
	parts.Processor = false
	return parts.make(standIn(o.Table), nil, false)
}
