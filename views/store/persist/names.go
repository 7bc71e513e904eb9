package persist

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// The files of a batch, in the directory of the table's batches:
//
//	<id>.parquet             the rows
//	<id>.json                the manifest, written last: a batch without one does not count
//	<name>.partial           one of these, while it is written
//	set-aside-<id>.parquet   a batch that could not be used
//	set-aside-<id>.json
const (
	rowsSuffix     = ".parquet"
	manifestSuffix = ".json"
	partialSuffix  = ".partial"
	asidePrefix    = "set-aside-"
)

// Path returns the path of a batch's Parquet file.
func Path(dir string, id uint64) string {
	return filepath.Join(dir, fmt.Sprint(id)+rowsSuffix)
}

func manifestPath(dir string, id uint64) string {
	return filepath.Join(dir, fmt.Sprint(id)+manifestSuffix)
}

// batchOf returns the id of the batch whose file has that name and suffix.
func batchOf(name, suffix string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseUint(digits, 10, 64)
	return id, err == nil && strconv.FormatUint(id, 10) == digits
}
