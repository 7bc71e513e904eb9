package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/connector"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
)

// source is the database of --source, and what waits until all that its connectors wrote was seen.
type source struct {
	*catalogue.Catalogue
	settings map[string]*connector.Settings // by connector
	waiting  []waiting
}

// waiting is a proposal with what its columns are tried on.
type waiting struct {
	*proposal.Proposal
	connector string
	records   []*codecs.Record
}

// readSource reads the catalogue of the database of --source; nil without one.
func (p *program) readSource(ctx context.Context, address string) (*source, error) {
	if address == "" {
		return nil, nil
	}
	stop := p.spin("reading the catalogue of the database")
	defer stop()
	c, err := catalogue.Read(ctx, address)
	switch {
	case errors.Is(err, catalogue.ErrAddress):
		return nil, usage(fmt.Errorf("--source: %w", err))
	case err != nil:
		return nil, fmt.Errorf("--source: %w", err)
	case len(c.Tables) == 0:
		return nil, errors.New("--source: the database has no tables, or none may be read")
	}
	return &source{Catalogue: c, settings: map[string]*connector.Settings{}}, nil
}

// tables returns the catalogue; nil without a source.
func (s *source) tables() *catalogue.Catalogue {
	if s == nil {
		return nil
	}
	return s.Catalogue
}

// only leaves the topics that are named after the database's tables, where none were asked for.
func (s *source) only(topics []sample.Found) ([]sample.Found, error) {
	topics = slices.DeleteFunc(topics, func(f sample.Found) bool {
		found, _ := s.OfTopic(f.Name)
		return !slices.ContainsFunc(found, s.Chosen)
	})
	if len(topics) == 0 {
		return nil, notFound(errors.New("no topic is named after a table of the database: name topics with --topic"))
	}
	return topics, nil
}

// Most records of a topic that its table is tried on, and the most bytes of them.
const (
	mostTried  = 50
	mostWeight = 256 << 10
)

// hold keeps proposals until all topics were seen.
func (s *source) hold(found []*proposal.Proposal, topic string, taken *sample.Sample) {
	for _, f := range found {
		name := f.Connector()
		if name == "" {
			_, name = s.OfTopic(topic)
		}
		if s.settings[name] == nil {
			s.settings[name] = connector.NewSettings(s.System)
		}
		f.Observe(s.settings[name])
		s.waiting = append(s.waiting, waiting{f, name, proposal.Newest(taken.Records, mostTried, mostWeight)})
	}
}

// finish declares what waited, and tells of it.
func (o proposer) finish() {
	for _, w := range o.source.waiting {
		w.Know(o.source.settings[w.connector])
		o.complete(w.Proposal)
		o.tell(w.Proposal, w.records, o.alone && len(o.source.waiting) == 1)
	}
	o.tellTables()
}

// tellTables says which tables of the database no topic is of, unless all topics were named.
func (o proposer) tellTables() {
	met := map[*catalogue.Table]bool{}
	for _, w := range o.source.waiting {
		met[w.Source] = true
	}
	var missing []string
	chosen := 0
	for _, t := range o.source.Tables {
		if !o.source.Chosen(t) {
			continue
		}
		if chosen++; !met[t] {
			missing = append(missing, t.FullName())
		}
	}
	patterns := slices.ContainsFunc(o.options.topics, sample.IsPattern)
	if len(missing) == 0 || len(o.options.topics) > 0 && !patterns {
		return
	}
	const most = 10
	others := ""
	if n := len(missing) - most; n > 0 {
		others = fmt.Sprintf(" and %d others", n)
	}
	o.program.say("of %d tables of the database, %d have no topic here: %s%s", chosen, len(missing), strings.Join(missing[:min(most, len(missing))], ", "), others)
}
