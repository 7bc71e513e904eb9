package demo

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed tidemark.yaml
var template string

// Configuration returns the text of the demo's tidemark.yaml.
func Configuration(dataDir, listen string) string {
	return strings.NewReplacer(`"DATA_DIR"`, strconv.Quote(strings.ReplaceAll(dataDir, "${", "$${")), `"LISTEN"`, strconv.Quote(listen)).Replace(template)
}

// Call is something to try: a request, and what it shows.
type Call struct {
	Shows  string
	Method string
	Path   string
	Body   string
}

// Calls are the requests that the demo prints. Each of them has an answer at any time.
func Calls() []Call {
	const orders = "/v1/tables/orders"
	return []Call{
		{"both tables, and how fresh they are", "GET", "/v1/tables", ""},
		{"one row by its key", "GET", orders + "/rows/42", ""},
		{"the three largest paid orders", "GET", orders + "/rows?paid=is.true&select=id,city,total&order=total.desc&limit=3", ""},
		{"how many orders and how much money there are by status", "GET", orders + "/rows?select=status,count(),total.sum()", ""},
		{"the orders of one customer, as CSV", "GET", orders + "/rows.csv?customer_id=eq.7&select=id,status,total", ""},
		{"many rows by key", "POST", orders + "/lookup", `{"keys":[1,2,{"id":3}]}`},
		{"take a batch now and wait for it", "POST", orders + "/batches?wait=30s", ""},
		{"the complete batches", "GET", orders + "/batches", ""},
		{"the metrics", "GET", "/metrics", ""},
	}
}

// Curl writes a call as a command to copy.
func (c Call) Curl(base string) string {
	out := "curl -s "
	if c.Method == "POST" {
		out += "-X POST "
	}
	if c.Body != "" {
		out += "-d '" + c.Body + "' "
	}
	return out + "'" + base + c.Path + "'"
}
