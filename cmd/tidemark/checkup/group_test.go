package checkup_test

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
)

func several() []checkup.Finding {
	note := func(table string) checkup.Finding {
		return checkup.Finding{ID: findings.NoSchema, Level: checkup.Note, Subject: table, What: "no schema", Remedy: "set it"}
	}
	return []checkup.Finding{
		note("a"), note("b"),
		{ID: findings.RowsDropped, Level: checkup.Note, Subject: "a", What: "rows go", Remedy: "nothing"},
		{ID: findings.RowsDropped, Level: checkup.Problem, Subject: "c", What: "rows go", Remedy: "a snapshot"},
		note("c"),
	}
}

func TestSameNotesOfSeveralTablesAreOneAndProblemsStandFirst(t *testing.T) {
	got := checkup.Groups(several())
	if len(got) != 3 || got[0].Level != checkup.Problem || !slices.Equal(got[1].Subjects, []string{"a", "b", "c"}) {
		t.Errorf("%+v", got)
	}
}

func TestAnsweredNotesAreLeftOutAndProblemsAreNot(t *testing.T) {
	for _, c := range []struct {
		name          string
		answered      []config.Ignored
		left, ignored int
	}{
		{"none", nil, 5, 0},
		{"of one table", []config.Ignored{{Finding: findings.NoSchema, Table: "b"}}, 4, 1},
		{"of all tables", []config.Ignored{{Finding: findings.NoSchema}}, 2, 3},
		{"a problem stays", []config.Ignored{{Finding: findings.RowsDropped}}, 4, 1},
		{"of another table", []config.Ignored{{Finding: findings.NoSchema, Table: "z"}}, 5, 0},
	} {
		left, ignored := checkup.Ignore(several(), c.answered)
		if len(left) != c.left || ignored != c.ignored || checkup.Problems(left) != 1 {
			t.Errorf("%s: %d ignored, left %+v", c.name, ignored, left)
		}
	}
}
