package registry

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/datum"
)

const point = `{"type":"record","name":"geo.Point","fields":[{"name":"x","type":"long"}]}`

func newClient(t *testing.T, url string, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Settings: Settings{URL: url}}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func newRegistry(t *testing.T) *srfake.Registry {
	t.Helper()
	r := srfake.New()
	t.Cleanup(r.Close)
	r.SeedSchema("point-value", 1, 7, sr.Schema{Schema: point, Type: sr.TypeAvro})
	return r
}

func numbered(n uint32) datum.ID { return datum.ID{Number: n} }

// read decodes {x: 5} by the schema.
func read(t *testing.T, s *datum.Schema, err error, data ...byte) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out, fault := s.Plan(datum.Everything()).Append(nil, data)
	if fault != nil {
		t.Fatal(fault)
	}
	return string(out)
}

func TestASchemaIsAskedForOnce(t *testing.T) {
	r := newRegistry(t)
	var asked atomic.Int32
	r.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		if strings.Contains(req.URL.Path, "/schemas/ids/7") {
			asked.Add(1)
		}
		return false
	})
	c := newClient(t, r.URL())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 50 {
				if s, err := c.Schema(numbered(7)); err != nil || s.Root == nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	s, err := c.Schema(numbered(7))
	if got := read(t, s, err, 10); got != `{"x":5}` {
		t.Error(got)
	}
}

func TestASchemaIsFoundByGUID(t *testing.T) {
	r := newRegistry(t)
	api, err := sr.NewClient(sr.URLs(r.URL()))
	if err != nil {
		t.Fatal(err)
	}
	found, err := api.SchemaByVersion(t.Context(), "point-value", 1)
	if err != nil {
		t.Fatal(err)
	}
	id := datum.ID{GUID: guid(t, found.GUID)}
	s, err := newClient(t, r.URL()).Schema(id)
	if got := read(t, s, err, 10); got != `{"x":5}` {
		t.Error(got)
	}
}

func TestReferencesAreResolvedInTheirOrder(t *testing.T) {
	r := newRegistry(t)
	ref := func(name, subject string) sr.SchemaReference {
		return sr.SchemaReference{Name: name, Subject: subject, Version: 1}
	}
	r.SeedSchema("line-value", 1, 8, sr.Schema{
		Schema: `{"type":"record","name":"geo.Line","fields":[{"name":"a","type":"geo.Point"},{"name":"b","type":"geo.Point"}]}`,
		Type:   sr.TypeAvro, References: []sr.SchemaReference{ref("geo.Point", "point-value")},
	})
	r.SeedSchema("shape-value", 1, 9, sr.Schema{
		Schema: `{"type":"record","name":"geo.Shape","fields":[{"name":"l","type":"geo.Line"},{"name":"p","type":["null","geo.Point"]}]}`,
		Type:   sr.TypeAvro, References: []sr.SchemaReference{ref("geo.Line", "line-value"), ref("geo.Point", "point-value")},
	})
	s, err := newClient(t, r.URL()).Schema(numbered(9))
	if got := read(t, s, err, 2, 4, 2, 6); got != `{"l":{"a":{"x":1},"b":{"x":2}},"p":{"x":3}}` {
		t.Error(got)
	}
}

func TestWhatHasNoSchemaIsNoFaultOfTheRegistry(t *testing.T) {
	r := newRegistry(t)
	r.SeedSchema("broken", 1, 20, sr.Schema{Schema: `{"type":"record","name":"x"}`, Type: sr.TypeAvro})
	r.SeedSchema("proto", 1, 21, sr.Schema{Schema: `syntax = "proto3";`, Type: sr.TypeProtobuf})
	r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		if req.URL.Path != "/schemas/ids/22" {
			return false
		}
		_, err := w.Write([]byte(`{"schema":"{\"type\":\"array\",\"items\":\"gone.Z\"}","references":[{"name":"gone.Z","subject":"gone","version":3}]}`))
		return err == nil
	})
	c := newClient(t, r.URL())
	for id, want := range map[uint32]string{99: "no such schema", 20: "parse the schema", 21: "PROTOBUF", 22: "gone, version 3"} {
		_, err := c.Schema(numbered(id))
		if err == nil || errors.Is(err, codecs.ErrUnavailable) || !strings.Contains(err.Error(), want) {
			t.Errorf("id %d: %v, want something of %q", id, err, want)
		}
	}
}

func TestAnUnknownIDIsAskedForAgainAfterAWhile(t *testing.T) {
	r := newRegistry(t)
	now := time.Now()
	c := newClient(t, r.URL(), func(o *Options) { o.Clock = func() time.Time { return now } })
	if _, err := c.Schema(numbered(8)); err == nil {
		t.Fatal("there is no schema 8 yet")
	}
	r.SeedSchema("later", 1, 8, sr.Schema{Schema: point, Type: sr.TypeAvro})
	if _, err := c.Schema(numbered(8)); err == nil {
		t.Error("it was asked for again at once")
	}
	now = now.Add(time.Minute)
	if _, err := c.Schema(numbered(8)); err != nil {
		t.Error(err)
	}
}

// answers serves one answer to every request.
func answers(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestARegistryThatIsAwayIsToldFromAnIDThatIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		away   bool
		says   string
	}{
		"fails":                      {503, "maintenance", true, "503"},
		"its own failure":            {500, `{"error_code":50001,"message":"store"}`, true, "store"},
		"who are you":                {401, "", true, "username"},
		"not you":                    {403, `{"error_code":40301,"message":"no"}`, true, "username"},
		"too many":                   {429, "slow down", true, "429"},
		"another server":             {404, "<html>not here</html>", true, "address"},
		"another path":               {404, `{"error_code":404,"message":"HTTP 404 Not Found"}`, true, "address"},
		"no JSON":                    {200, "<html>log in</html>", true, "decode"},
		"a bad gateway":              {400, "plain HTTP to an HTTPS port", true, "400"},
		"unknown":                    {404, `{"error_code":40403,"message":"Schema not found"}`, false, "no such schema"},
		"refused":                    {422, `{"error_code":42201,"message":"Invalid"}`, false, "Invalid"},
		"long":                       {200, `{"schema":"` + strings.Repeat(" ", maxAnswer) + `"}`, false, "longer"},
		"unknown, says a proven one": {404, "nothing", false, "no such schema"},
	} {
		t.Run(name, func(t *testing.T) {
			cl := newClient(t, answers(t, c.status, c.body), func(o *Options) { o.Patience = 10 * time.Second })
			cl.api.proven.Store(strings.Contains(name, "proven"))
			_, err := cl.Schema(numbered(1))
			if err == nil || errors.Is(err, codecs.ErrUnavailable) != c.away || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want something of %q, away: %v", err, c.says, c.away)
			}
		})
	}
}

func TestASlowRegistryKeepsNobodyLong(t *testing.T) {
	open := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-open:
			_, _ = w.Write([]byte(`{"schema":"\"long\""}`))
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	c := newClient(t, s.URL, func(o *Options) { o.Patience, o.Timeout = 20*time.Millisecond, time.Minute })
	if _, err := c.Schema(numbered(1)); !errors.Is(err, codecs.ErrUnavailable) {
		t.Fatal(err)
	}
	close(open)
	for began := time.Now(); ; {
		_, err := c.Schema(numbered(1))
		if err == nil {
			return
		}
		if time.Since(began) > 20*time.Second {
			t.Fatal(err)
		}
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	reached := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	c := newClient(t, s.URL, func(o *Options) { o.Patience, o.Timeout = time.Hour, time.Hour })
	done := make(chan error)
	go func() {
		_, err := c.Schema(numbered(1))
		done <- err
	}()
	<-reached
	c.Close()
	if err := <-done; !errors.Is(err, codecs.ErrUnavailable) {
		t.Error(err)
	}
}

func TestAChangeOfStateIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	down := true
	r := newRegistry(t)
	r.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return down
	})
	c := newClient(t, r.URL(), func(o *Options) {
		o.Away = func(err error) { fmt.Fprintln(&log, "schema registry away", err) }
		o.Answers = func(away time.Duration) { fmt.Fprintln(&log, "schema registry answers again", away) }
	})
	for range 5 {
		if _, err := c.Schema(numbered(7)); !errors.Is(err, codecs.ErrUnavailable) || !strings.Contains(err.Error(), r.URL()) {
			t.Fatal(err)
		}
	}
	down = false
	for range 5 {
		if _, err := c.Schema(numbered(7)); err != nil {
			t.Fatal(err)
		}
	}
	text := log.String()
	if n := strings.Count(text, "schema registry away"); n != 1 {
		t.Errorf("%d lines say that it is away:\n%s", n, text)
	}
	if n := strings.Count(text, "answers again"); n != 1 {
		t.Errorf("%d lines say that it is back:\n%s", n, text)
	}
}

func TestTheUserIsTold(t *testing.T) {
	r := srfake.New(srfake.WithAuth("Basic dXNlcjpwYXNz"))
	t.Cleanup(r.Close)
	r.SeedSchema("point-value", 1, 7, sr.Schema{Schema: point, Type: sr.TypeAvro})
	if _, err := newClient(t, r.URL()).Schema(numbered(7)); !errors.Is(err, codecs.ErrUnavailable) {
		t.Error(err)
	}
	c := newClient(t, r.URL(), func(o *Options) { o.Settings.Username, o.Settings.Password = "user", "pass" })
	if _, err := c.Schema(numbered(7)); err != nil {
		t.Error(err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	k := newKept(3, 100*knownRoom)
	now := time.Now()
	for n := range uint32(10) {
		k.put(&known{id: numbered(n), schema: &datum.Schema{Size: 10}})
		k.get(numbered(0), now)
	}
	if k.order.Len() != 3 || len(k.by) != 3 || k.get(numbered(0), now) == nil || k.get(numbered(9), now) == nil {
		t.Errorf("%d schemas are kept", k.order.Len())
	}
	k.put(&known{id: numbered(50), schema: &datum.Schema{Size: 200 * knownRoom}})
	if k.order.Len() != 1 || k.get(numbered(50), now) == nil {
		t.Errorf("%d schemas are kept beside a large one", k.order.Len())
	}
	k.put(&known{id: numbered(50), err: errUnknown, until: now})
	if k.get(numbered(50), now) != nil || k.bytes != 0 {
		t.Errorf("an old word is still kept, %d bytes", k.bytes)
	}
}
