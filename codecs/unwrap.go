package codecs

import "bytes"

// unwrap returns schema and payload when b is an object of exactly these two
// members, as a converter with schemas.enable=true writes it; else the payload is
// b itself. A schema is an object or null.
func unwrap(b []byte, cache *schemaCache) (schema, payload []byte, fault string) {
	s := scanner{b: b}
	if s.peek() != '{' || !looksWrapped(b[s.i:]) {
		return nil, b, ""
	}
	s.i++
	others := false
	for first := true; ; first = false {
		name, ok := s.member(first)
		if !ok {
			break
		}
		switch string(name) {
		case "schema":
			s.space()
			if known := cache.prefix(s.b[s.i:]); known != nil {
				schema = known
				s.i += len(known)
				continue
			}
			schema = s.value()
		case "payload":
			payload = s.value()
		default:
			others = true
			s.value()
		}
	}
	switch {
	case !s.end():
		return nil, nil, s.fault
	case others || payload == nil || schema == nil || schema[0] != '{' && schema[0] != 'n':
		return nil, b, ""
	}
	return schema, payload, ""
}

// looksWrapped reports whether the first member is one of the two.
func looksWrapped(b []byte) bool {
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	return bytes.HasPrefix(b, []byte(`"schema"`)) || bytes.HasPrefix(b, []byte(`"payload"`))
}

// payloadOf returns what stands in {"schema":...,"payload":...}, or in {"payload":...};
// nil where text is no such object.
func payloadOf(text []byte) []byte {
	s := scanner{b: text}
	var payload []byte
	if !s.enter('{') {
		return nil
	}
	for first := true; ; first = false {
		name, ok := s.member(first)
		if !ok {
			break
		}
		switch string(name) {
		case "schema":
			s.value()
		case "payload":
			payload = s.value()
		default:
			return nil
		}
	}
	if !s.end() {
		return nil
	}
	return payload
}
