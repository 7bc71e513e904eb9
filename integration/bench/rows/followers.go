package rows

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Followers opens streams of changes, says ready when each has its rows, and, when it is
// notified, compares what they have with the query's answers and writes the delays. The
// arguments are an address, a mix, the number of streams and of the table's rows.
func Followers(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 4 {
		return errors.New("want an address, a mix, a number of streams and of rows")
	}
	n, err1 := strconv.Atoi(args[2])
	_, err2 := strconv.Atoi(args[3])
	filter, err3 := filterOf(args[1])
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	c := &crowd{addr: args[0], seed: maphash.MakeSeed(), delays: make([]atomic.Uint32, slots)}
	for i := range n {
		query, err := escape(fmt.Sprintf("id=lt.%d&%s", hot, filter(i)))
		if err != nil {
			return err
		}
		c.all = append(c.all, &follower{crowd: c, query: query})
	}
	if err := c.open(); err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	began, spent, before := time.Now(), cpu(), c.events.Load()
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return nil // nobody wants to know
	}
	took := time.Since(began).Seconds()
	r := heard{CPU: (cpu() - spent).Seconds() / took}
	if err := c.compare(); err != nil {
		return err
	}
	r.PerSecond = float64(c.events.Load()-before) / took
	r.P50, r.P99, r.Max = c.quantiles()
	return json.NewEncoder(out).Encode(r)
}

// escape writes the values of a query as a URL wants them.
func escape(query string) (string, error) {
	parts := strings.Split(query, "&")
	for i, p := range parts {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return "", fmt.Errorf("%q is no parameter", p)
		}
		parts[i] = name + "=" + url.QueryEscape(value)
	}
	return strings.Join(parts, "&"), nil
}

// slots of delays, each of so many microseconds; the last has all that are longer.
const (
	slots = 1 << 20
	slot  = 10
)

// crowd is all followers, and what they have heard.
type crowd struct {
	addr   string
	seed   maphash.Seed
	all    []*follower
	delays []atomic.Uint32
	events atomic.Int64
}

// follower is one stream, and the rows that it reports.
type follower struct {
	crowd *crowd
	query string
	body  io.Reader
	full  bool // the rows of the beginning have come
	fault atomic.Pointer[error]

	mu   sync.Mutex
	rows [hot]uint64 // of each row its hash, 0: there is none
}

// open opens the streams, some at a time, and waits until each has its rows.
func (c *crowd) open() error {
	const at = 16
	jobs := make(chan *follower)
	faults := make([]error, at)
	var all sync.WaitGroup
	for i := range at {
		all.Go(func() {
			for f := range jobs {
				if faults[i] == nil {
					faults[i] = f.open()
				}
			}
		})
	}
	for _, f := range c.all {
		jobs <- f
	}
	close(jobs)
	all.Wait()
	return errors.Join(faults...)
}

// open reads until the id that ends the rows of the beginning, and continues in a goroutine.
func (f *follower) open() error {
	conn, err := net.Dial("tcp", f.crowd.addr)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET /v1/tables/orders/changes?snapshot=true&%s HTTP/1.1\r\nHost: bench\r\n\r\n", f.query); err != nil {
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %s: %s", f.query, res.Status, text)
	}
	f.body = res.Body
	ready := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := f.read(ready)
		f.fault.Store(&err)
	}()
	select {
	case <-ready:
		return nil
	case <-ended:
		return fmt.Errorf("%s: %w", f.query, *f.fault.Load())
	}
}

var blank = []byte("\n\n")

// read takes events until the stream ends, and returns why; ready is closed with the first id.
func (f *follower) read(ready chan<- struct{}) error {
	buf := make([]byte, 0, 8<<10)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.body.Read(buf[len(buf):cap(buf)])
		if err != nil {
			return err
		}
		buf = buf[:len(buf)+n]
		rest, now := buf, time.Now().UnixMicro()
		for {
			i := bytes.Index(rest, blank)
			if i < 0 {
				break
			}
			if err := f.take(rest[:i], now); err != nil {
				return err
			}
			if bytes.HasPrefix(rest, []byte("id: ")) && !f.full {
				f.full = true
				close(ready)
			}
			rest = rest[i+len(blank):]
		}
		buf = buf[:copy(buf, rest)]
	}
}

var (
	keyLead      = []byte("data: {\"key\":{\"id\":")
	rowLead      = []byte("},\"row\":")
	positionLead = []byte(",\"position\":\"")
	createdLead  = []byte("\"created_at\":\"")
)

// take takes one event.
func (f *follower) take(event []byte, now int64) error {
	_, data, found := bytes.Cut(event, keyLead)
	if !found {
		if bytes.Contains(event, []byte("event: ")) {
			return fmt.Errorf("%s: %s", f.query, event)
		}
		return nil // an id, or a comment
	}
	key, data, _ := bytes.Cut(data, rowLead)
	end := bytes.LastIndex(data, positionLead)
	id, err := strconv.Atoi(string(key))
	if err != nil || end < 0 || id < 0 || id >= hot {
		return fmt.Errorf("%s: %s", f.query, event)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		f.crowd.events.Add(1)
	}
	row := data[:end]
	if string(row) == "null" {
		f.rows[id] = 0
		return nil
	}
	f.rows[id] = f.crowd.hash(row)
	if f.full {
		created, err := createdAt(row)
		if err != nil {
			return err
		}
		f.crowd.delays[min(max(now-created, 0)/slot, slots-1)].Add(1)
	}
	return nil
}

func (c *crowd) hash(row []byte) uint64 { return maphash.Bytes(c.seed, row) | 1 }

func createdAt(row []byte) (int64, error) {
	_, text, found := bytes.Cut(row, createdLead)
	text, _, closed := bytes.Cut(text, []byte{'"'})
	if !found || !closed {
		return 0, fmt.Errorf("no created_at in %s", row)
	}
	at, err := time.Parse(time.RFC3339Nano, string(text))
	return at.UnixMicro(), err
}

// quantiles of the delays, in µs.
func (c *crowd) quantiles() (p50, p99, longest int64) {
	total := int64(0)
	for i := range c.delays {
		total += int64(c.delays[i].Load())
	}
	seen := int64(0)
	for i := range c.delays {
		n := int64(c.delays[i].Load())
		if n == 0 {
			continue
		}
		end := int64(i+1) * slot
		if seen*100 < total*50 {
			p50 = end
		}
		if seen*100 < total*99 {
			p99 = end
		}
		seen, longest = seen+n, end
	}
	return p50, p99, longest
}

// compare waits until every follower has the rows that the query gives.
func (c *crowd) compare() error {
	deadline := time.Now().Add(20 * time.Second)
	for _, f := range c.all {
		want, err := f.answer()
		if err != nil {
			return err
		}
		for diff := f.differs(want); diff != nil; diff = f.differs(want) {
			if fault := f.fault.Load(); fault != nil {
				return *fault
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("%s: %w", f.query, diff)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nil
}

// answer asks for the rows.
func (f *follower) answer() (rows [hot]uint64, err error) {
	body, err := get("http://" + f.crowd.addr + "/v1/tables/orders/rows?limit=10000&" + f.query)
	if err != nil {
		return rows, err
	}
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(body, &page); err != nil {
		return rows, err
	}
	for _, row := range page.Data {
		var key struct{ ID int }
		if err := json.Unmarshal(row, &key); err != nil {
			return rows, err
		}
		rows[key.ID] = f.crowd.hash(row)
	}
	return rows, nil
}

func (f *follower) differs(want [hot]uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := range want {
		if f.rows[id] != want[id] {
			return fmt.Errorf("row %d is another in the query's answer (heard of: %v, there: %v)", id, f.rows[id] != 0, want[id] != 0)
		}
	}
	return nil
}
