package views

import "path/filepath"

// What a view has on disk, in <data_dir>/<table>/view, for a later generation in
// <data_dir>/<table>-<generation>/view:
//
//	rows/<n>/                LevelDB of whole rows, generation n
//	rows/current             which generation counts
//	rows/set-aside-<n>/      a generation that could not be used
//	batches/<id>.parquet     the rows of a batch
//	batches/<id>.json        its manifest, written last
//	batches/changelog        the id of the topic that the batches belong to
//	batches/set-aside-<id>.* a batch that could not be used
//	batches-set-aside/       batches of another topic
const (
	viewDir    = "view"
	rowsDir    = "rows"
	batchesDir = "batches"
)

func (o *Options) rowsDir() string {
	return filepath.Join(o.Dir, o.Table.Instance(), viewDir, rowsDir)
}

func (o *Options) batchesDir() string {
	return filepath.Join(o.Dir, o.Table.Instance(), viewDir, batchesDir)
}
