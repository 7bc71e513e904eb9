package ask_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/problem"
)

// problemOf returns the parameter and the hint of a problem; empty where there is none.
func problemOf(t *testing.T, err error) (field, hint string) {
	t.Helper()
	if err == nil {
		return "", ""
	}
	var p *problem.Details
	if !errors.As(err, &p) || p.Status != 400 {
		t.Fatalf("no bad request: %v", err)
	}
	return p.Field, p.Hint
}

// TestCallsRefuseParametersThatTheyDoNotHave asks with none, few and strange parameters.
func TestCallsRefuseParametersThatTheyDoNotHave(t *testing.T) {
	for _, c := range []struct {
		raw         string
		names       []string
		field, hint string
	}{
		{"", nil, "", ""},
		{"numbers=string", nil, "", ""},
		{"numbers=x", nil, "numbers", ""},
		{"a=1&b=2", nil, "a", "there are none"},
		{"wait=1s", []string{"wait"}, "", ""},
		{"numbers=string", []string{"wait"}, "numbers", "the parameter is wait"},
		{"wait=%zz", []string{"wait"}, "wait", ""},
		{"c=1", []string{"a", "b"}, "c", "the parameters are a and b"},
		{"d=1&a=2", []string{"a", "b", "c"}, "d", "the parameters are a, b and c"},
	} {
		err := ask.None(c.raw)
		if c.names != nil {
			_, err = ask.Only(c.raw, c.names...)
		}
		if field, hint := problemOf(t, err); field != c.field || hint != c.hint {
			t.Errorf("%q of %v: %q, %q", c.raw, c.names, field, hint)
		}
	}
}

func TestDurationsAreBounded(t *testing.T) {
	for text, ok := range map[string]bool{"0s": true, "5m": true, "5m1ns": false, "-1s": false, "5": false, "": false} {
		_, err := ask.Duration(text, 5*time.Minute, "bad-parameter", "wait", "wait=30s")
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if field, hint := problemOf(t, err); !ok && (field != "wait" || hint != "write for example wait=30s") {
			t.Errorf("%q: %q, %q", text, field, hint)
		}
	}
	var p *problem.Details
	_, err := ask.Duration("x", 5*time.Minute, "bad-parameter", "wait", "")
	if !errors.As(err, &p) || p.Detail != `a time from 0s to 5m was expected, not "x"` {
		t.Errorf("%v", err)
	}
	_, err = ask.Duration("x", 30*time.Second, "bad-header", "Tidemark-Wait", "")
	if !errors.As(err, &p) || p.Detail != `a time from 0s to 30s was expected, not "x"` {
		t.Errorf("%v", err)
	}
}
