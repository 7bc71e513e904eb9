package source

import (
	"testing"
)

func TestSnapshotInEverySpelling(t *testing.T) {
	for raw, want := range map[string]bool{
		`"true"`: true, `"first"`: true, `"first_in_data_collection"`: true, `"last_in_data_collection"`: true, `"last"`: true,
		`"incremental"`: true, `true`: true, `"false"`: false, `false`: false, `null`: false, ``: false,
	} {
		if got := isSnapshot([]byte(raw)); got != want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}

// One row lock after another: per key, the change lsn grows even within a commit.
func TestSQLServerPositionsOfOneTransactionDiffer(t *testing.T) {
	first := Fields{Connector: []byte(`"sqlserver"`), CommitLSN: []byte(`"00000027:00000ac0:0002"`), ChangeLSN: []byte(`"00000027:00000ab8:0001"`)}
	second, third, fourth := first, first, first
	second.Serial = []byte("2")
	third.ChangeLSN = []byte(`"00000027:00000ab8:0003"`)
	fourth.CommitLSN = []byte(`"00000027:00000ac0:0004"`)
	all := []Fields{first, second, third, fourth}
	for i := range all[1:] {
		if a, b := all[i].Position(), all[i+1].Position(); a.Compare(b) >= 0 {
			t.Errorf("%+v is not before %+v", a, b)
		}
	}
}
