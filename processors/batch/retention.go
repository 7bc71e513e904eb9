package batch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// retain removes the manifests of batches that the policy no longer keeps.
func retain(ctx context.Context, client *kgo.Client, topic string, all map[uint64][]wire.Manifest, b tables.BatchPolicy, now time.Time) error {
	var recs []*kgo.Record
	for _, m := range expired(all, b, now) {
		recs = append(recs, &kgo.Record{Topic: topic, Key: wire.AppendManifestKey(nil, m.Batch, m.Partition)})
	}
	if len(recs) == 0 {
		return nil
	}
	if err := client.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		return fmt.Errorf("remove old manifests: %w", err)
	}
	return nil
}

// expired returns the manifests that are not kept. A complete batch is kept while the policy
// keeps it. An incomplete one is dropped once a kept batch follows it and it is too old to be
// still on its way.
func expired(all map[uint64][]wire.Manifest, b tables.BatchPolicy, now time.Time) []wire.Manifest {
	var ids []uint64
	for id := range all {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y uint64) int { return cmp.Compare(y, x) })
	var out []wire.Manifest
	kept := 0
	for _, id := range ids {
		parts := all[id]
		complete := len(parts) == int(parts[0].Partitions)
		age := now.Sub(time.UnixMicro(parts[0].Started))
		switch {
		case complete && b.Keeps(kept, age):
			kept++
		case complete, kept > 0 && age > max(b.KeepFor, unfinishedFor):
			out = append(out, parts...)
		}
	}
	return out
}
