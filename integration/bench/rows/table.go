package rows

import (
	"strconv"

	"github.com/tidemark/tidemark/tables"
)

// The columns of the table, in their order.
const (
	colID = iota
	colCustomer
	colStatus
	colTotal
	colCity
	colCountry
	colCreated
	colWeight
	colPaid
	colReference
)

const (
	firstSecond = 1_700_000_000
	days        = 365
	day         = 86_400 * 1_000_000 // in microseconds
	perCustomer = 50                 // rows
	span        = 500_000            // values of total and of weight
)

var statuses = [...]string{"open", "paid", "packed", "shipped", "delivered", "returned"}

// Table declares the table: sorted by customer and time, with one index.
func Table() *tables.Table {
	t := &tables.Table{Name: "orders", Key: []string{"id"}, SortKey: []string{"customer_id", "created_at"}}
	for _, c := range [][2]string{
		{"id", "int64"}, {"customer_id", "int64"}, {"status", "string"}, {"total", "decimal(12,2)"}, {"city", "string"},
		{"country", "string"}, {"created_at", "timestamp"}, {"weight", "int64"}, {"paid", "bool"}, {"reference", "string"},
	} {
		t.Columns = append(t.Columns, column(c[0], c[1]))
	}
	t.Columns[colWeight].Index = true
	return t
}

// Narrow declares the first, second, fourth and seventh column of Table.
func Narrow() *tables.Table {
	wide := Table()
	t := &tables.Table{Name: "narrow", Key: wide.Key, SortKey: wide.SortKey}
	for _, c := range []int{colID, colCustomer, colTotal, colCreated} {
		t.Columns = append(t.Columns, wide.Columns[c])
	}
	return t
}

func column(name, kind string) tables.Column {
	typ, err := tables.ParseType(kind)
	if err != nil {
		panic(err) // of a name that is here
	}
	return tables.Column{Name: name, Type: typ}
}

// dice are the numbers of one row.
type dice uint64

// next is splitmix64.
func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	x := uint64(*d)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d *dice) below(n int) int64 { return int64(d.next() % uint64(n)) }

// Row appends the values of a row of a table with so many rows. The round gives the
// states of a row apart that changes.
func Row(dst []tables.Value, id, rows, round int) []tables.Value {
	d := dice(uint64(id)<<16 ^ uint64(round))
	customer, status, total := d.below(max(rows/perCustomer, 1)), statuses[min(d.below(8), 5)], d.below(span)
	country, city := d.below(60), d.below(20)
	created := (firstSecond+d.below(days*86_400))*1_000_000 + d.below(1_000_000)
	reference := strconv.AppendUint([]byte("ref-"), d.next()>>32|1<<32, 16)
	return append(dst,
		tables.Int64Value(int64(id)),
		tables.Int64Value(customer),
		tables.StringValue(status),
		tables.DecimalValue(tables.DecimalFromInt64(total)),
		tables.StringValue("city "+strconv.FormatInt(country*20+city, 10)),
		tables.StringValue("C"+strconv.FormatInt(100+country, 10)),
		tables.TimestampValue(created),
		tables.Int64Value(d.below(span)),
		tables.BoolValue(d.below(4) > 0),
		tables.StringValue(string(reference)),
	)
}

// narrow leaves of a row what Narrow declares.
func narrow(row []tables.Value) []tables.Value {
	return append(row[:0], row[colID], row[colCustomer], row[colTotal], row[colCreated])
}

// rawBytes is the size of a row's values in arrays of their types, strings as their bytes.
func rawBytes(row []tables.Value) int64 {
	n := int64(0)
	for _, v := range row {
		switch v.Kind() {
		case tables.Bool:
			n++
		case tables.String:
			n += int64(len(v.Str()))
		default:
			n += 8
		}
	}
	return n
}
