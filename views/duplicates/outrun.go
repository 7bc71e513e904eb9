package duplicates

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// outrun says which partitions have a row of a key from before the latest change of it. Only
// an order that is settled, and is so between the latest and each of the others, lets a row
// go: then what is latest stays so without it.
func outrun(key tables.Key, all []rows.Copy) (d wire.DuplicateKey, yes bool, err error) {
	if len(all) < 2 {
		return d, false, nil
	}
	at, err := precedencesOf(all)
	if err != nil {
		return d, false, err
	}
	i, settled := tables.Latest(at)
	if !settled || all[i].Left {
		return d, false, nil
	}
	d = wire.DuplicateKey{Outrun: wire.Outrun{Key: key, Later: at[i]}, Partition: all[i].Partition, Deletion: !hasRow(&all[i])}
	for j := range all {
		if j == i {
			continue
		}
		if order, _ := at[i].Compare(at[j]); order <= 0 {
			return d, false, nil
		}
		if hasRow(&all[j]) && !all[j].Left {
			d.Losing = append(d.Losing, all[j].Partition)
		}
	}
	return d, len(d.Losing) > 0, nil
}
