package wire

import (
	"errors"
	"testing"
)

// TestAControlRecordOfAnUnknownKindIsRefused holds what older readers rely on: a kind that
// they do not know is left out, and never read as another one.
func TestAControlRecordOfAnUnknownKindIsRefused(t *testing.T) {
	c := everyGiveUp()
	c.Kind = GiveUp + 1
	if got, err := ParseControl(AppendControl(nil, c)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestOnlyAGivenUpRowsTombstoneSaysSo(t *testing.T) {
	if !IsGivenUp(appendGivenUp()) || !IsGivenUp(AppendDeletion(nil, &Deletion{GivenUp: true})) {
		t.Error("a row that is given up does not say so")
	}
	if IsGivenUp(appendEveryDeletion()) || IsGivenUp(nil) || IsGivenUp([]byte{1}) {
		t.Error("a deletion says that a row is given up")
	}
}

func TestAnOutrunWithoutAKeyIsCorrupt(t *testing.T) {
	if all, err := ParseOutruns(AppendOutruns(nil, []Outrun{{}})); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%+v %v", all, err)
	}
}
