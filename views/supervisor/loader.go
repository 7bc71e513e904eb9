package supervisor

import (
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/replica"
)

// loader makes replicas of what there is: files, rows on disk, topics.
type loader struct {
	shared *replica.Shared
	files  *batches.Files
	shown  *shown
	say    func(note string)
}
