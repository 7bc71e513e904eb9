package ticdc

import (
	"errors"
	"sync"
	"time"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// Instant reads {"location": zone, "value": text}, as the simple protocol writes a TIMESTAMP. out
// is the instant as JSON text, in UTC; is reports whether raw is such an object at all.
func Instant(raw []byte) (out []byte, is bool, reason string) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, false, ""
	}
	zone, value := jsontext.Lookup(raw, "location"), jsontext.Lookup(raw, "value")
	if zone == nil || value == nil || zone[0] != '"' || value[0] != '"' {
		return nil, false, ""
	}
	name, _ := jsontext.Unquote(zone)
	text, _ := jsontext.Unquote(value)
	at, err := location(string(name))
	if err != nil {
		return nil, true, "a time zone that is not known here: " + jsontext.Clip(zone)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05.999999", string(text), at)
	if err != nil {
		return nil, true, jsontext.Mismatch("a TIMESTAMP such as 2026-01-31 23:59:59", value)
	}
	return tables.AppendJSONString(nil, t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")), true, ""
}

// zones are those that were met; no more are kept than a changefeed could mean.
var zones struct {
	sync.Mutex
	by map[string]*time.Location
}

const maxZones = 64

var errLocal = errors.New("the zone of another machine")

func location(name string) (*time.Location, error) {
	zones.Lock()
	defer zones.Unlock()
	if at := zones.by[name]; at != nil {
		return at, nil
	}
	if name == "Local" { // of the changefeed's machine, which is not this one
		return nil, errLocal
	}
	at, err := time.LoadLocation(name)
	if err == nil && len(zones.by) < maxZones {
		if zones.by == nil {
			zones.by = map[string]*time.Location{}
		}
		zones.by[name] = at
	}
	return at, err
}
