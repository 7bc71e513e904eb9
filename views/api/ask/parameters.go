package ask

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/query"
)

// None refuses parameters where there are none: what is asked for must not be left undone
// in silence. numbers may be on any read; here are no values of columns.
func None(raw string) error {
	if raw == "" {
		return nil
	}
	values, err := decode(raw, "")
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "numbers" {
			return unknown(name, nil)
		}
		if v := values.Get(name); v != "string" && v != "number" {
			return problem.BadRequest(string(query.BadParameter), name, "string or number was expected, not "+query.Quote(v), "")
		}
	}
	return nil
}

// Only returns the parameters of a request that may have those of the names and no others.
func Only(raw string, names ...string) (url.Values, error) {
	values, err := decode(raw, names[0])
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, name) {
			return nil, unknown(name, names)
		}
	}
	return values, nil
}

func decode(raw, field string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, problem.BadRequest(string(query.BadParameter), field, "the parameters are not percent-encoded as a URL's are", "")
	}
	return values, nil
}

// unknown is a parameter that is none of the names.
func unknown(name string, names []string) error {
	hint := "there are none"
	switch last := len(names) - 1; {
	case last == 0:
		hint = "the parameter is " + names[0]
	case last > 0:
		hint = "the parameters are " + strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return problem.BadRequest(string(query.UnknownParameter), name, query.Quote(name)+" is no parameter here", hint)
}

// Bool reads a parameter into v, if it is there.
func Bool(values url.Values, name string, v *bool) error {
	if !values.Has(name) {
		return nil
	}
	b, err := strconv.ParseBool(values.Get(name))
	if err != nil {
		return problem.BadRequest(string(query.BadParameter), name, "true or false was expected, not "+query.Quote(values.Get(name)), "")
	}
	*v = b
	return nil
}

// Duration reads a time from 0 to most. The problem has the kind and the field where it is none, and
// the example is one.
func Duration(text string, most time.Duration, kind, field, example string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		upTo := strings.Replace(most.String(), "m0s", "m", 1)
		return 0, problem.BadRequest(kind, field, "a time from 0s to "+upTo+" was expected, not "+query.Quote(text), "write for example "+example)
	}
	return d, nil
}
