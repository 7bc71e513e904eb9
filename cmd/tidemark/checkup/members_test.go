package checkup_test

import (
	"fmt"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// flat is a sample of rows with what is after the columns of each.
func flat(n int, more func(id int) string) *sample.Sample {
	var records [][2]string
	for id := range n {
		records = append(records, [2]string{fmt.Sprintf(`{"id":%d}`, id), fmt.Sprintf(`{"id":%d,"v":"a"%s}`, id, more(id))})
	}
	return sampleOf(records...)
}

func TestRowsThatTellWhetherTheyAreDeletedProveTheMode(t *testing.T) {
	told := func(int) string { return `,"__deleted":"false"` }
	flattened := table(t, tables.FlattenedJSON, "string")
	unsaid(t, checkup.Records(flattened, flat(250, told), nil), "no delete among")
	said(t, checkup.Records(flattened, flat(250, func(int) string { return `,"__op":"c"` }), nil), checkup.Problem, "no delete among 250", "rewrite")

	wrapped := flat(250, told)
	for _, r := range wrapped.Records {
		r.Value = fmt.Appendf(nil, `{"schema":{"type":"struct","fields":[]},"payload":%s}`, r.Value)
	}
	unsaid(t, checkup.Records(flattened, wrapped, nil), "no delete among")

	header := flat(250, func(int) string { return "" })
	for _, r := range header.Records {
		r.Headers = []codecs.Header{{Name: "__deleted", Value: []byte("false")}}
	}
	unsaid(t, checkup.Records(flattened, header, nil), "no delete among")
}

// The transform was set up anew: the newest rows do not say so, so deletes are lost from now on.
func TestModeOfTheNewestRowsCounts(t *testing.T) {
	s := flat(250, func(id int) string {
		if id < 200 {
			return `,"__deleted":"false"`
		}
		return ""
	})
	said(t, checkup.Records(table(t, tables.FlattenedJSON, "string"), s, nil), checkup.Problem, "no delete among 250", "rewrite")
}

func TestRecordsWhoseKeysHaveMoreThanTheTable(t *testing.T) {
	row := func(a, b int) [2]string {
		return [2]string{fmt.Sprintf(`{"id":%d,"b":%d}`, a, b), fmt.Sprintf(`{"op":"c","after":{"id":%d,"b":%d,"v":"x"},"source":{}}`, a, b)}
	}
	short := table(t, tables.DebeziumJSON, "string")
	folded := checkup.Records(short, sampleOf(row(1, 1), row(1, 2), row(2, 1)), nil)
	said(t, folded, checkup.Problem, `the records' keys have b, which the key [id] lacks: 1 of 3 records`, "declare the columns")
	// Nothing in the sample shows that they are not unique: it may be meant.
	said(t, checkup.Records(short, sampleOf(row(1, 1), row(2, 1), row(2, 1)), nil), checkup.Note, "the key [id] lacks", "unique without")
	whole := table(t, tables.DebeziumJSON, "int64", func(t *tables.Table) { t.Key = []string{"id", "v"}; t.Columns[1].Path = "b" })
	unsaid(t, checkup.Records(whole, sampleOf(row(1, 1), row(1, 2)), nil), "lacks")
	plain := sampleOf([2]string{`7`, `{"id":7,"v":"a"}`})
	unsaid(t, checkup.Records(table(t, tables.UpsertJSON, "string"), plain, nil), "lacks")
}
