package ticdc

import "github.com/tidemark/tidemark/codecs"

// Expand returns the records with the events of batches as records of their own, each a message
// that says what its columns are. It is for looking at records: decoders read batches by
// themselves. A batch that cannot be read stays as it is.
func Expand(records []*codecs.Record) []*codecs.Record {
	var out []*codecs.Record
	for _, r := range records {
		out = append(out, expand(r)...)
	}
	return out
}

func expand(r *codecs.Record) []*codecs.Record {
	whole := []*codecs.Record{r}
	if !Batched(r.Key, r.Value) {
		return whole
	}
	events, _, reason := Events(r.Key, r.Value)
	if reason != "" {
		return whole
	}
	var out []*codecs.Record
	for _, e := range events {
		text, _, reason := e.Message(nil, true)
		if reason != "" {
			return whole
		}
		one := *r
		one.Key, one.Value = nil, text
		out = append(out, &one)
	}
	return out
}
