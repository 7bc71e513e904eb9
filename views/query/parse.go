package query

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// The limits of one page.
const (
	DefaultLimit = 100
	MaxLimit     = 10_000
	NoLimit      = -1
)

// Request is what the parameters of a read ask for.
type Request struct {
	Query
	AsOf         uint64 // the batch to read; 0: the present
	Cursor       string // of the page before; empty: the first page
	Document     bool   // add the kept document of each row
	QuoteNumbers bool   // int64 and decimal as JSON strings
	Explain      bool   // say how the rows were found
	// Fingerprint distinguishes requests that a cursor must not be carried between:
	// it covers everything but limit, offset, cursor, numbers and explain.
	Fingerprint uint64
}

// Mode says how much an answer may hold.
type Mode uint8

// The modes. A Page has limit 100 unless asked, and at most 10,000. A Stream has
// no limit unless asked, and no largest one.
const (
	Page Mode = iota
	Stream
)

// reserved are the parameters that are no filters; a column of such a name is
// reached in double quotes.
var reserved = map[string]func(*parser, string) error{
	"select":   (*parser).selected,
	"order":    func(p *parser, v string) error { p.order, p.ordered = v, true; return nil },
	"limit":    (*parser).limit,
	"offset":   (*parser).offset,
	"cursor":   func(p *parser, v string) error { p.out.Cursor = v; return nil },
	"limit_by": (*parser).limitBy,
	"as_of":    (*parser).asOf,
	"document": (*parser).document,
	"numbers":  (*parser).numbers,
	"explain":  (*parser).explain,
}

// Reserved returns the names of the parameters that are no filters, sorted.
func Reserved() []string {
	names := []string{"and", "or", "not.and", "not.or"}
	for n := range reserved {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

type parser struct {
	t          *tables.Table
	mode       Mode
	out        *Request
	order      string
	ordered    bool
	filter     And
	conditions int // in it, however deep
}

// rowParameters are those that a read of rows by key knows.
var rowParameters = []string{"as_of", "document", "numbers", "select"}

// ParseRow reads the raw query string of a read of rows by their keys, which takes
// select without aggregates, as_of, document and numbers. Mistakes are of type *Error.
func ParseRow(raw string, t *tables.Table) (*Request, error) {
	params, err := split(raw)
	if err != nil {
		return nil, err
	}
	for _, kv := range params {
		if !slices.Contains(rowParameters, kv.name) {
			return nil, &Error{
				Problem: UnknownParameter, Field: clip(kv.name),
				Detail: "a row that is named by its key takes no parameter " + Quote(kv.name),
				Hint:   didYouMean(kv.name, rowParameters, "the parameters are"),
			}
		}
	}
	q, err := Parse(raw, t, Page)
	if err != nil {
		return nil, err
	}
	if q.Aggregates() {
		return nil, badParameter("select", "GET /v1/tables/"+t.Name+"/rows groups rows", "a row that is named by its key has no aggregates")
	}
	return q, nil
}

// Parse reads the raw query string of a URL as a request to table t, which must
// have been validated. Mistakes are of type *Error.
func Parse(raw string, t *tables.Table, mode Mode) (*Request, error) {
	params, err := split(raw)
	if err != nil {
		return nil, err
	}
	p := &parser{t: t, mode: mode, out: &Request{Query: Query{Limit: DefaultLimit}}}
	if mode == Stream {
		p.out.Limit = NoLimit
	}
	for _, kv := range params {
		if err := p.param(kv); err != nil {
			return nil, err
		}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	p.out.Fingerprint = fingerprint(t, params)
	return p.out, nil
}

func (p *parser) param(kv param) error {
	if read, ok := reserved[kv.name]; ok {
		return read(p, kv.value)
	}
	switch kv.name {
	case "and", "or", "not.and", "not.or":
		e, err := treeParam(p.t, kv.name, kv.value, &p.conditions)
		p.filter = append(p.filter, e)
		return err
	}
	name := kv.name
	if strings.HasPrefix(name, `"`) {
		s := &scanner{field: clip(name), text: name}
		var err error
		if name, err = s.quoted(); err != nil {
			return err
		}
		if !s.done() {
			return s.unexpected("after the closing quote")
		}
	}
	column := p.t.ColumnIndex(name)
	if column < 0 {
		return p.unknown(kv.name, name)
	}
	e, err := filterParam(p.t, clip(kv.name), column, kv.value, &p.conditions)
	p.filter = append(p.filter, e)
	return err
}

// unknown distinguishes a mistyped name of a parameter from one of a column.
func (p *parser) unknown(field, name string) error {
	if near := Nearest(name, Reserved()); near != "" && Nearest(name, columnNames(p.t)) == "" {
		return &Error{
			Problem: UnknownParameter, Field: clip(field), Hint: "did you mean " + near + "?",
			Detail: Quote(name) + " is neither a parameter nor a column of " + p.t.Name,
		}
	}
	return unknownColumn(clip(field), name, p.t)
}

// finish reads what depends on other parameters.
func (p *parser) finish() (err error) {
	q := &p.out.Query
	if q.Select == nil {
		q.Select = SelectAll(p.t)
	}
	if p.ordered {
		if q.Order, err = order(p.t, q, p.order); err != nil {
			return err
		}
	}
	switch len(p.filter) {
	case 0:
	case 1:
		q.Filter = p.filter[0]
	default:
		q.Filter = p.filter
	}
	if q.Aggregates() && q.LimitBy != nil {
		return badParameter("limit_by", "", "rows that are grouped by an aggregate cannot be limited by group")
	}
	if p.out.Document {
		return p.documentFits()
	}
	return nil
}

func (p *parser) documentFits() error {
	if p.t.Document != tables.DocumentKeep {
		return badParameter("document", "declare the table with document: keep", "the table %s keeps no documents", p.t.Name)
	}
	if p.out.Aggregates() {
		return badParameter("document", "", "rows that are grouped have no document")
	}
	for _, o := range p.out.Select {
		if o.Name == "document" {
			return badParameter("document", "rename it in select", "a column of the answer is called document as well")
		}
	}
	return nil
}

func (p *parser) selected(v string) (err error) {
	p.out.Select, err = selection(p.t, v)
	return err
}

func (p *parser) limitBy(v string) (err error) {
	p.out.LimitBy, err = limitBy(p.t, v)
	return err
}

func (p *parser) limit(v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return badParameter("limit", "", "a number of rows was expected, not %s", Quote(v))
	}
	if p.mode == Page && n > MaxLimit {
		return badParameter("limit", "page with cursor, or stream rows.ndjson, rows.csv or rows.arrow",
			"at most %d rows are in one answer", MaxLimit)
	}
	p.out.Limit = n
	return nil
}

func (p *parser) offset(v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return badParameter("offset", "", "a number of rows was expected, not %s", Quote(v))
	}
	p.out.Offset = n
	return nil
}

func (p *parser) asOf(v string) error {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n == 0 {
		return badParameter("as_of", "GET /v1/tables/"+p.t.Name+"/batches lists them", "the number of a batch was expected, not %s", Quote(v))
	}
	p.out.AsOf = n
	return nil
}

func (p *parser) document(v string) error {
	if v != "true" && v != "false" {
		return badParameter("document", "", "true or false was expected, not %s", Quote(v))
	}
	p.out.Document = v == "true"
	return nil
}

func (p *parser) numbers(v string) error {
	if v != "string" && v != "number" {
		return badParameter("numbers", "", "string or number was expected, not %s", Quote(v))
	}
	p.out.QuoteNumbers = v == "string"
	return nil
}

func (p *parser) explain(v string) error {
	if v != "true" && v != "false" {
		return badParameter("explain", "", "true or false was expected, not %s", Quote(v))
	}
	p.out.Explain = v == "true"
	return nil
}

// fingerprint hashes the table and the parameters that choose and order the rows.
func fingerprint(t *tables.Table, params []param) uint64 {
	kept := make([]string, 0, len(params))
	for _, kv := range params {
		switch kv.name {
		case "limit", "offset", "cursor", "numbers", "explain":
		default:
			kept = append(kept, kv.name+"\x00"+kv.value+"\x00")
		}
	}
	slices.Sort(kept)
	h := fnv.New64a()
	h.Write([]byte(t.Name + "\x00"))
	for _, k := range kept {
		h.Write([]byte(k))
	}
	return h.Sum64()
}

// RowParameters returns the names of the parameters that ParseRow knows, sorted.
func RowParameters() []string { return slices.Clone(rowParameters) }
