package load

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
)

// Event is one record: a key and a value, nil for a tombstone.
type Event struct{ Key, Value []byte }

// epoch is the database's time at the first event, microseconds: 2026-01-01.
const epoch = 1_767_225_600_000_000

// Options say what a generator makes.
type Options struct {
	Seed uint64
	Keys int // ids are 0 to Keys-1; at least 1
	// DeletePercent of the changes of a row that is there delete it; a later change
	// of its key inserts it again.
	DeletePercent int
	// Customers is how many customers the orders belong to; Keys/10+1 when 0.
	Customers int
}

// Generator makes the events of one table. It is not safe for concurrent use.
type Generator struct {
	o     Options
	rng   *rand.Rand
	row   func(g *Generator, dst []byte, id int) []byte
	table string
	alive []bool
	lsn   int64
	now   int64
}

// NewOrders returns a generator of orders.
func NewOrders(o Options) *Generator { return newGenerator(o, "orders", appendOrder) }

// NewCustomers returns a generator of customers.
func NewCustomers(o Options) *Generator { return newGenerator(o, "customers", appendCustomer) }

func newGenerator(o Options, table string, row func(*Generator, []byte, int) []byte) *Generator {
	if o.Customers == 0 {
		o.Customers = o.Keys/10 + 1
	}
	return &Generator{
		o: o, rng: rand.New(rand.NewPCG(o.Seed, 2)), row: row, table: table,
		alive: make([]bool, o.Keys), lsn: 24_000_000, now: epoch,
	}
}

// Snapshot is the event of a row as the connector's first snapshot reads it.
func (g *Generator) Snapshot(id int) Event {
	g.alive[id] = true
	return g.event("r", id, true)
}

// Next is the event of a change of a random row: an insert, an update, or a
// delete, which is two events.
func (g *Generator) Next() []Event { return g.Change(g.rng.IntN(g.o.Keys)) }

// Change is the event of a change of the given row.
func (g *Generator) Change(id int) []Event {
	switch {
	case !g.alive[id]:
		g.alive[id] = true
		return []Event{g.event("c", id, true)}
	case g.rng.IntN(100) < g.o.DeletePercent:
		g.alive[id] = false
		e := g.event("d", id, false)
		return []Event{e, {Key: e.Key}}
	}
	return []Event{g.event("u", id, true)}
}

// Alive reports whether the row is there after the events so far.
func (g *Generator) Alive(id int) bool { return g.alive[id] }

func (g *Generator) event(op string, id int, after bool) Event {
	g.lsn += 56
	g.now += int64(g.rng.IntN(2000))
	key := append([]byte(`{"id":`), strconv.Itoa(id)...)
	key = append(key, '}')
	v := make([]byte, 0, 768)
	v = append(v, `{"before":null,"after":`...)
	if after {
		v = g.row(g, v, id)
	} else {
		v = append(v, "null"...)
	}
	return Event{Key: key, Value: g.appendSource(v, op)}
}

// appendSource appends the rest of the envelope.
func (g *Generator) appendSource(v []byte, op string) []byte {
	ms, lsn := g.now/1000, strconv.FormatInt(g.lsn, 10)
	v = append(v, `,"source":{"version":"3.7.0.Final","connector":"postgresql","name":"shop","ts_ms":`...)
	v = strconv.AppendInt(v, ms, 10)
	v = append(v, `,"snapshot":"`...)
	v = strconv.AppendBool(v, op == "r")
	v = append(v, `","db":"shop","sequence":"[\"`...)
	v = append(v, lsn...)
	v = append(v, `\",\"`...)
	v = append(v, lsn...)
	v = append(v, `\"]","ts_us":`...)
	v = strconv.AppendInt(v, g.now, 10)
	v = append(v, `,"ts_ns":`...)
	v = strconv.AppendInt(v, g.now*1000, 10)
	v = append(v, `,"schema":"public","table":"`...)
	v = append(v, g.table...)
	v = append(v, `","txId":`...)
	v = strconv.AppendInt(v, 700+g.lsn/400, 10)
	v = append(v, `,"lsn":`...)
	v = append(v, lsn...)
	v = append(v, `,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":"`...)
	v = append(v, op...)
	v = append(v, `","ts_ms":`...)
	v = strconv.AppendInt(v, ms+40, 10)
	v = append(v, `,"ts_us":`...)
	v = strconv.AppendInt(v, g.now+40_123, 10)
	v = append(v, `,"ts_ns":`...)
	v = strconv.AppendInt(v, (g.now+40_123)*1000, 10)
	return append(v, '}')
}

var statuses = [...]string{"open", "paid", "packed", "sent", "delivered", "returned"}

var places = [...][2]string{
	{"Oslo", "NO"}, {"Bergen", "NO"}, {"Berlin", "DE"}, {"Hamburg", "DE"}, {"Paris", "FR"}, {"Lyon", "FR"}, {"Roma", "IT"},
	{"Milano", "IT"}, {"Madrid", "ES"}, {"Lisboa", "PT"}, {"Wien", "AT"}, {"Zürich", "CH"}, {"København", "DK"}, {"Helsinki", "FI"},
}

func appendOrder(g *Generator, v []byte, id int) []byte {
	place := places[id%len(places)]
	v = append(v, `{"id":`...)
	v = strconv.AppendInt(v, int64(id), 10)
	v = append(v, `,"customer_id":`...)
	v = strconv.AppendInt(v, int64(mix(id)%uint64(g.o.Customers)), 10)
	v = append(v, `,"status":"`...)
	v = append(v, statuses[g.rng.IntN(len(statuses))]...)
	v = append(v, `","total":"`...)
	v = appendUnscaled(v, int64(g.rng.IntN(100_000_00)))
	v = append(v, `","items":`...)
	v = strconv.AppendInt(v, int64(1+g.rng.IntN(20)), 10)
	v = append(v, `,"city":"`...)
	v = append(v, place[0]...)
	v = append(v, `","country":"`...)
	v = append(v, place[1]...)
	v = append(v, `","paid":`...)
	v = strconv.AppendBool(v, g.rng.IntN(2) == 0)
	v = append(v, `,"created_at":`...)
	v = strconv.AppendInt(v, epoch-int64(mix(id)%(90*86_400))*1_000_000, 10)
	v = append(v, `,"updated_at":`...)
	v = strconv.AppendInt(v, g.now, 10)
	// Two columns that the table does not declare: sources are wider than what is asked of them.
	v = append(v, `,"reference":"ORD-2026-`...)
	v = strconv.AppendUint(v, 10_000_000+mix(id)%90_000_000, 10)
	return append(v, `","channel":"webshop"}`...)
}

func appendCustomer(g *Generator, v []byte, id int) []byte {
	v = append(v, `{"id":`...)
	v = strconv.AppendInt(v, int64(id), 10)
	v = append(v, `,"name":"customer `...)
	v = strconv.AppendUint(v, mix(id)%1_000_000, 10)
	v = append(v, `","tier":"`...)
	v = append(v, [...]string{"gold", "silver", "none"}[g.rng.IntN(3)]...)
	v = append(v, `","country":"`...)
	v = append(v, places[id%len(places)][1]...)
	v = append(v, `","since":`...)
	v = strconv.AppendInt(v, int64(15_000+mix(id)%5_000), 10)
	return append(v, '}')
}

// appendUnscaled writes a decimal as Connect does: base64 of the big-endian two's complement.
func appendUnscaled(v []byte, unscaled int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(unscaled))
	i := 0
	for i < 7 && b[i] == 0 && b[i+1] < 0x80 {
		i++
	}
	return base64.StdEncoding.AppendEncode(v, b[i:])
}

// mix spreads ids over a 64-bit range (the finaliser of splitmix64).
func mix(id int) uint64 {
	x := uint64(id) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
