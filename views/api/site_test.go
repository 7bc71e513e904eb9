package api_test

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/views/api"
)

// TestPagesOfOtherSitesChangeNothing posts what has an effect as browsers do for pages.
func TestPagesOfOtherSitesChangeNothing(t *testing.T) {
	own := newWorld(t, nil, orders(t))
	listed := newWorld(t, func(o *api.Options) { o.CORSOrigins = []string{"https://shop.example"} }, orders(t))
	all := newWorld(t, func(o *api.Options) { o.CORSOrigins = []string{"*"} }, orders(t))
	const evil, cross = "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"
	for _, c := range []struct {
		what    string
		w       *world
		status  int
		headers []string
	}{
		{"no browser", own, 202, nil},
		{"the own page", own, 202, []string{"Origin: http://tidemark.test", "Sec-Fetch-Site: same-origin"}},
		{"the own page in an old browser", own, 202, []string{"Origin: http://tidemark.test"}},
		{"typed by the user", own, 202, []string{"Sec-Fetch-Site: none"}},
		{"another page", own, 403, []string{evil, cross}},
		{"another page in an old browser", own, 403, []string{evil}},
		{"another page without its origin", own, 403, []string{cross}},
		{"another port of the host", own, 403, []string{"Origin: http://tidemark.test:81", "Sec-Fetch-Site: same-site"}},
		{"another host of the site", own, 403, []string{"Sec-Fetch-Site: same-site"}},
		{"a page without an origin", own, 403, []string{"Origin: null"}},
		{"a page without an origin, of another site", own, 403, []string{"Origin: null", cross}},
		{"what is no origin", own, 403, []string{"Origin: ://"}},
		{"one that lies about its site", own, 403, []string{evil, "Sec-Fetch-Site: same-origin"}},
		{"a page that is named", listed, 202, []string{"Origin: https://shop.example", cross}},
		{"a page that is not named", listed, 403, []string{evil, cross}},
		{"any page where all may read", all, 403, []string{evil, cross}},
		{"a page without an origin where all may read", all, 403, []string{"Origin: null", cross}},
	} {
		for _, call := range []string{"/v1/tables/orders/batches", "/v1/tables/orders/batches?wait=1s"} {
			want := c.status
			if want == 202 && strings.Contains(call, "wait") {
				want = 201
			}
			res, body := c.w.do("POST", call, "", c.headers...)
			if res.StatusCode != want {
				t.Errorf("%s, %s: %s, want %d: %s", c.what, call, res.Status, want, body)
			}
			if want == 403 && (!strings.Contains(body, `"hint":`) || res.Header.Get("Content-Type") != "application/problem+json") {
				t.Errorf("%s, %s: %s", c.what, call, body)
			}
		}
		if res, body := c.w.do("POST", "/v1/tables/orders/replay", "", c.headers...); (res.StatusCode == 403) != (c.status == 403) {
			t.Errorf("%s, replay: %s %s", c.what, res.Status, body)
		}
		if res, body := c.w.do("GET", "/v1/tables/orders/rows", "", c.headers...); res.StatusCode != 200 {
			t.Errorf("%s, a read: %s %s", c.what, res.Status, body)
		}
	}
}

// TestLoopbackAnswersToItsNamesOnly reads by names that could have been made to lead here.
func TestLoopbackAnswersToItsNamesOnly(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.Loopback, o.CORSOrigins = true, []string{"https://shop.example", "*"} }, numbers(t))
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "localhost.": 200, "localhost.:8080": 200, "LocalHost:8080": 200,
		"127.0.0.1": 200, "127.0.0.1:8080": 200, "127.1.2.3:8080": 200, "[::1]": 200, "[::1]:8080": 200, "[::ffff:127.0.0.1]:8080": 200,
		"shop.example": 200, "shop.example:8443": 200,
		"attacker.example": 403, "attacker.example:8080": 403, "localhost.attacker.example": 403, "127.0.0.1.nip.io:8080": 403,
		"notlocalhost": 403, "10.0.0.1:8080": 403, "0.0.0.0:8080": 403, "[::]:8080": 403, "[2001:db8::1]:8080": 403, "localhost..": 403, "*": 403,
	} {
		for _, path := range []string{"/v1/tables/t/rows/1", "/v1/tables/t/rows", "/v1/tables", "/metrics", "/v1/openapi.json"} {
			res, body := w.doAs(host, "GET", path, "")
			if res.StatusCode != want {
				t.Errorf("%s %s: %s, want %d: %s", host, path, res.Status, want, body)
			}
			if want == 403 && (!strings.Contains(body, `"field":"Host"`) || !strings.Contains(body, `"hint":`)) {
				t.Errorf("%s: %s", host, body)
			}
		}
	}
	if res, _ := newWorld(t, nil, numbers(t)).doAs("any.example", "GET", "/v1/tables/t/rows/1", ""); res.StatusCode != 200 {
		t.Errorf("not on loopback: %s", res.Status)
	}
}

func TestPreflightsOfOriginsThatAreNotLetInAllowNothing(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.CORSOrigins = []string{"https://shop.example"} }, numbers(t))
	for _, origin := range []string{"null", "https://evil.example", "https://shop.example.evil.example", "http://shop.example"} {
		res, _ := w.do("OPTIONS", "/v1/tables/t/batches", "", "Origin: "+origin, "Access-Control-Request-Method: POST")
		for name := range res.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s", origin, name)
			}
		}
	}
}
