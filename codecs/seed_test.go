package codecs_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs"
)

func seedRecord() codecs.Seed {
	return codecs.Seed{
		Partition: 3, Phase: codecs.SeedAdopting, Read: 10, ReadEnd: 12, From: 100, Source: 180, Until: 200, Old: 50, Kept: 51, Carried: 1, Adopted: 40, Swept: 2, Partial: 3,
		Started: 1_700_000_000_000_000, Finished: -1, Failed: "because",
	}
}

func TestSeedRecordComesBack(t *testing.T) {
	want := seedRecord()
	got, err := codecs.ParseSeed(codecs.AppendSeed(nil, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !codecs.IsSeedKey(codecs.AppendSeedKey(nil, 7)) || codecs.IsSeedKey(codecs.AppendProgressKey(nil, 7)) {
		t.Error("the keys of seed and progress records are not told apart")
	}
}

func TestSeedRecordThatIsNoneIsRefused(t *testing.T) {
	whole := codecs.AppendSeed(nil, seedRecord())
	for n := range whole {
		if _, err := codecs.ParseSeed(whole[:n]); !errors.Is(err, codecs.ErrCorrupt) {
			t.Errorf("%d bytes of %d are read: %v", n, len(whole), err)
		}
	}
	for _, phase := range []byte{0, 5} {
		b := append([]byte(nil), whole...)
		b[1] = phase
		if _, err := codecs.ParseSeed(b); !errors.Is(err, codecs.ErrCorrupt) {
			t.Errorf("phase %d is read: %v", phase, err)
		}
	}
	if _, err := codecs.ParseSeed(append(whole, 0)); !errors.Is(err, codecs.ErrCorrupt) {
		t.Errorf("bytes behind the record are passed over: %v", err)
	}
}
