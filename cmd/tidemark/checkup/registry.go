package checkup

import (
	"context"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/tables"
)

// answering finds out whether the registry answers at all.
func answering(ctx context.Context, c *registry.Client) []Finding {
	if err := c.Ping(ctx); err != nil {
		return []Finding{registryAway("schema registry", err)}
	}
	return nil
}

func registryAway(subject string, err error) Finding {
	return Finding{
		findings.RegistryAway, Problem, subject, err.Error(),
		"start the registry, or correct kafka.schema_registry; a running table waits at the record that needs it, and loses nothing",
	}
}

// asJSON is a sample as a JSON converter would have written it. Records that cannot
// be shown are left out: their decoding reports what is wrong with them.
func asJSON(t *tables.Table, s *sample.Sample, schemas avro.Schemas) *sample.Sample {
	if !t.Source.Format.Avro() {
		return s
	}
	out := *s
	out.Records = nil
	for _, r := range s.Records {
		shown, _, err := avro.AsJSON(r, schemas)
		if err == nil {
			out.Records = append(out.Records, shown)
		}
	}
	return &out
}
