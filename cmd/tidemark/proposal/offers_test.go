package proposal_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// placedBy puts each record where a partitioner puts its key.
func placedBy(s *sample.Sample, partitions int32, by string) *sample.Sample {
	s.Topic.Partitions = partitions
	for _, r := range s.Records {
		r.Partition, _ = kafka.PartitionOf(tables.Partitioner(by), r.Key, partitions)
	}
	return s
}

// Each column is asked about once, by what its own values leave open, and the line behind the
// question fits the sample as it is.
func TestQuestionsAndTheLinesThatAnswerThem(t *testing.T) {
	for name, c := range map[string]struct {
		values string // of the column c, in JSON, with a bar between
		column string // what is proposed
		asks   string // what the question has in it; empty: nothing is asked
		offers string // the lines of the answers, with a semicolon between
	}{
		"uuids":              {`"b68a35a7-17ad-35b3-af2a-ae46edb4545a"|"B68A35A7-17AD-35B3-AF2A-AE46EDB4545B"`, "string", "all 2 values are UUIDs", "uuid"},
		"one is no uuid":     {`"b68a35a7-17ad-35b3-af2a-ae46edb4545a"|"none yet"`, "string", "", ""},
		"instants":           {`"2026-11-29T16:28:55.591907Z"|"2026-11-29T16:28:55+01:00"`, "string", "all 2 values are ISO 8601: an instant, or text?", "timestamp iso_timestamp"},
		"dates":              {`"2026-11-29"|"1969-01-01"`, "string", "ISO 8601: a date", "date iso_timestamp"},
		"times":              {`"10:15:00"|"10:15:00.5"`, "string", "ISO 8601: a time", "time iso_timestamp"},
		"json in texts":      {`"{\"a\":1}"|"[1]"`, "string", "JSON: json, or text?", "json json_string"},
		"words":              {`"open"|"paid"|"Done"|"VOID"`, "string", "", ""},
		"sentences":          {`"a b"|"c"`, "string", "", ""},
		"empty among them":   {`"2026-11-29"|""`, "string", "", ""},
		"decimals in texts":  {`"12.50"|"-0.125"|"7"`, "string", "numbers with at most 3 digits after the point: a number, or text?", "decimal(38,3) decimal_string"},
		"integers in texts":  {`"1234"|"56789012"`, "string", "whole numbers: a number, or text?", "int64 decimal_string"},
		"large ones":         {`"123456789012345678901234567890"`, "string", "the only value is numbers", "decimal(38,0) decimal_string"},
		"postal codes":       {`"00123"|"10117"`, "string", "", ""},
		"with NaN":           {`"1.5"|"NaN"`, "string", "NaN and infinities", "float64 decimal_string"},
		"short base64":       {`"Hu8="|"AQ=="`, "string", "base64: a decimal of some digits after the point, bytes, or text?", "decimal(38,0) decimal_base64;bytes bytes_base64"},
		"long base64":        {`"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="`, "string", "base64: bytes, or text?", "bytes bytes_base64"},
		"hexadecimal":        {`"00ff00ff"|"deadbeef01"`, "string", "hexadecimal: bytes", "bytes bytes_hex"},
		"days":               {`20455|20456`, "int64", "as days since 1970 all 2 values fit, and one would be 2026-01-02: a date, or a number?", "date epoch_days"},
		"days of birth":      {`-7305|12000`, "int64", "as days since 1970", "date epoch_days"},
		"seconds":            {`1795969772`, "int64", "as seconds since 1970 it would be 2026-11-29T16:29:32Z", "timestamp epoch_s"},
		"milliseconds":       {`1795969772591|1795969772592`, "int64", "as milliseconds since 1970", "timestamp epoch_ms"},
		"microseconds":       {`1795969772591907|-1000000`, "int64", "as microseconds since 1970", "timestamp epoch_us"},
		"nanoseconds":        {`1795969772591907000`, "int64", "as nanoseconds since 1970", "timestamp epoch_ns"},
		"of the day, in us":  {`36900000000|0`, "int64", "as microseconds since midnight all 2 values fit, and one would be 10:15:00: a time", "time time_us"},
		"of the day, in ms":  {`36900000|7200000`, "int64", "as milliseconds since midnight", "time time_ms"},
		"counts":             {`1|2|700`, "int64", "", ""},
		"with small ones":    {`3|20455`, "int64", "", ""},
		"prices":             {`12.5|3|0.99`, "float64", "numbers with at most 2 digits after the point: an exact decimal, or a float?", "decimal(38,2)"},
		"binary fractions":   {`0.30000000000000004|1.5`, "float64", "", ""},
		"with exponents":     {`1e3|1.5`, "float64", "", ""},
		"fractions with NaN": {`1.5|"NaN"`, "float64", "", ""},
		"arrays of words":    {`["a","b"]|[]`, "json", "", ""},
		"arrays of dates":    {`[20455,20456]|[[20457]]`, "json", "its items: as days since 1970", "json date epoch_days"},
		"arrays of decimals": {`["Kg==","AaQ="]`, "json", "its items: all 2 values are base64", "json decimal(38,0) decimal_base64;json bytes bytes_base64"},
		"mixed arrays":       {`[1,"a"]`, "json", "", ""},
		"nothing":            {`null`, "string", "no value was seen", ""},
		"placeholders":       {`"__debezium_unavailable_value"|"2026-11-29"`, "string", "the only value is ISO 8601: a date", "date iso_timestamp"},
	} {
		t.Run(name, func(t *testing.T) {
			var pairs []string
			for _, v := range strings.Split(c.values, "|") {
				pairs = append(pairs, `{"k":"x"}`, `{"k":"x","c":`+v+`}`)
			}
			s := of("t", pairs...)
			p, err := proposal.From(s, "", nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			i := p.Table.ColumnIndex("c")
			if got := p.Table.Columns[i].Type.String(); got != c.column {
				t.Errorf("the column is %s, want %s", got, c.column)
			}
			if got := p.Doubts["c"]; (got == "") != (c.asks == "") || !strings.Contains(got, c.asks) {
				t.Errorf("the question is %q, want %q", got, c.asks)
			}
			var offers []string
			for _, other := range p.Offers("c") {
				words := []string{other.Type.String()}
				if other.Items != nil {
					words = append(words, other.Items.String())
				}
				if other.Encoding != "" {
					words = append(words, string(other.Encoding))
				}
				offers = append(offers, strings.Join(words, " "))
				taken := *p
				table := *p.Table
				taken.Table = &table
				table.Columns = append(table.Columns[:0:0], table.Columns...)
				table.Columns[i] = other
				if err := taken.Clean(s.Records, nil); err != nil {
					t.Errorf("%s does not fit: %v", offers[len(offers)-1], err)
				}
			}
			if got := strings.Join(offers, ";"); got != c.offers {
				t.Errorf("the answers are %q, want %q", got, c.offers)
			}
			answered(t, p)
		})
	}
}

// answered takes every line behind a question instead of the column, which has to be a configuration.
func answered(t *testing.T, p *proposal.Proposal) {
	t.Helper()
	var b strings.Builder
	if err := p.Write(&b, []string{"localhost:9092"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "      # - ") || strings.Contains(line, "?)") {
			continue
		}
		var changed []string
		for j, other := range lines {
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "      # - "), ", ")
			switch {
			case j == i:
				changed = append(changed, "      - "+strings.TrimPrefix(other, "      # - "))
			case strings.HasPrefix(other, "      - "+name+","):
			default:
				changed = append(changed, other)
			}
		}
		if _, err := config.Parse("answered.yaml", []byte(strings.Join(changed, "\n")), os.LookupEnv); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// A value is in a comment, and cannot end it.
func TestValuesInCommentsStayThere(t *testing.T) {
	for _, value := range []string{`"2026-11-29\u0085tables: []"`, "{\n\"a\":\n\"\u2028kafka: x\"}", `"` + strings.Repeat("ä", 500) + `=="`, `["\u0000"]`} {
		text := written(t, of("t", `{"id":1}`, `{"id":1,"v":`+value+`,"w":[`+value+`,1]}`))
		for _, line := range strings.Split(text, "\n") {
			if len(line) > 600 || strings.HasPrefix(line, "kafka: x") {
				t.Errorf("a line is %q", line)
			}
		}
	}
}

// A row of very many members is one like any other, and so is what stands beside one.
func TestARowOfVeryManyMembers(t *testing.T) {
	const members = 10_000
	var inner strings.Builder
	for i := range members {
		fmt.Fprintf(&inner, `,"m%d":"x"`, i)
	}
	for _, s := range []*sample.Sample{
		of("t", "7", `{"id":7`+inner.String()+`}`, "8", `{"id":8`+inner.String()+`}`),
		of("t", "7", `{"data":{"id":7}`+inner.String()+`}`, "8", `{"data":{"id":8}`+inner.String()+`}`),
	} {
		p, err := proposal.From(s, "", nil, nil)
		if err != nil || strings.Join(p.Table.Key, " ") != "id" {
			t.Errorf("%v", err)
		}
	}
}
