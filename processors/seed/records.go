package seed

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/logread"
)

// Record is a seed record as it was read.
type Record struct {
	wire.Bootstrap
	changelog [16]byte // id of the changelog that it is about; zeros when it does not say
}

// Of reports whether the record is about the changelog with this id: one that was made
// again must be filled again.
func (r *Record) Of(changelog [16]byte) bool {
	return r.changelog == changelog || r.changelog == [16]byte{} || changelog == [16]byte{}
}

// Records returns the newest seed record of each partition from a progress topic.
// Records that cannot be read are left out: that partition is filled again.
func Records(ctx context.Context, client *kgo.Client, progress string) (map[int32]Record, error) {
	out := map[int32]Record{}
	err := logread.All(ctx, client, progress, func(r *kgo.Record) error {
		if !wire.IsBootstrapKey(r.Key) {
			return nil
		}
		s, err := wire.ParseBootstrap(r.Value)
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		out[s.Partition] = Record{Bootstrap: s, changelog: idIn(r, wire.ChangelogIDName)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the seed records: %w", err)
	}
	return out, nil
}
