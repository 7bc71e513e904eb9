package wire_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/wire"
)

func bootstrapRecord() wire.Bootstrap {
	return wire.Bootstrap{
		Partition: 3, Phase: wire.BootstrapAdopting, Read: 10, ReadEnd: 12, From: 100, Source: 180, Until: 200, Old: 50, Kept: 51, Carried: 1, Adopted: 40, Swept: 2, Partial: 3,
		Started: 1_700_000_000_000_000, Finished: -1, Failed: "because",
	}
}

func TestBootstrapRecordComesBack(t *testing.T) {
	want := bootstrapRecord()
	got, err := wire.ParseBootstrap(wire.AppendBootstrap(nil, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !wire.IsBootstrapKey(wire.AppendBootstrapKey(nil, 7)) || wire.IsBootstrapKey(wire.AppendProgressKey(nil, 7)) {
		t.Error("the keys of seed and progress records are not told apart")
	}
}

func TestBootstrapRecordThatIsNoneIsRefused(t *testing.T) {
	whole := wire.AppendBootstrap(nil, bootstrapRecord())
	for n := range whole {
		if _, err := wire.ParseBootstrap(whole[:n]); !errors.Is(err, wire.ErrCorrupt) {
			t.Errorf("%d bytes of %d are read: %v", n, len(whole), err)
		}
	}
	for _, phase := range []byte{0, 5} {
		b := append([]byte(nil), whole...)
		b[1] = phase
		if _, err := wire.ParseBootstrap(b); !errors.Is(err, wire.ErrCorrupt) {
			t.Errorf("phase %d is read: %v", phase, err)
		}
	}
	if _, err := wire.ParseBootstrap(append(whole, 0)); !errors.Is(err, wire.ErrCorrupt) {
		t.Errorf("bytes behind the record are passed over: %v", err)
	}
}
