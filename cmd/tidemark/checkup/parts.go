package checkup

import (
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

// parts returns the sample as a table reads it whose source puts several changes into
// one record: each of them is a record of its own then.
func parts(t *tables.Table, s *sample.Sample) *sample.Sample {
	if !t.Source.Format.Messages() {
		return s
	}
	splitter, err := cdc.NewSplitter(t, cdc.Options{})
	if err != nil {
		return s // the decoder says the same
	}
	out := *s
	out.Records = nil
	for _, r := range s.Records {
		found, err := splitter.Split(r, nil)
		if err != nil {
			return s
		}
		for _, p := range found {
			one := *r
			one.Value = p.Value
			if t.Source.Format.Batches() {
				one.Key = nil // it is that of all of them
			}
			out.Records = append(out.Records, &one)
		}
	}
	return &out
}
