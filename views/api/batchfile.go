package api

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
)

// batchFile answers GET /v1/tables/{table}/batches/{batch}.parquet, whole or in ranges.
func (a *API) batchFile(c *web.Call) (web.Answer, error) {
	t, err := a.tables.Named(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	id, err := strconv.ParseUint(c.Path.Variables["batch"], 10, 64)
	if err != nil {
		return web.Answer{}, live.ErrNoBatch
	}
	ctx, cancel := c.Until(ask.MaxWait) // the newest batch's file may still be written
	defer cancel()
	path, err := t.Batches.File(ctx, id)
	if err != nil {
		return web.Answer{}, fmt.Errorf("find batch %d of %s: %w", id, t.Def.Name, err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return web.Answer{}, live.ErrNoBatch // it was dropped since it was found
	}
	if err != nil {
		return web.Answer{}, fmt.Errorf("open batch %d of %s: %w", id, t.Def.Name, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // only read
		return web.Answer{}, fmt.Errorf("open batch %d of %s: %w", id, t.Def.Name, err)
	}
	tag, modified := batchTag(t, id, info)
	c.W.Header().Set("Etag", tag)
	name := t.Def.Name + "-" + strconv.FormatUint(id, 10) + ".parquet"
	return web.Answer{ContentType: render.TypeParquet, Attachment: name, Raw: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer f.Close()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime))
		ranged := &web.RangedWriter{ResponseWriter: w, R: r, Size: info.Size()}
		http.ServeContent(ranged, r, "", modified, f)
	})}, nil
}

// batchTag returns the tag of a batch's file and when it was taken: the same on each process, as
// the bytes are. The same id can be another batch after a table was made anew.
func batchTag(t *live.Served, id uint64, info fs.FileInfo) (tag string, modified time.Time) {
	for _, b := range t.Batches.List() {
		if b.ID == id {
			return fmt.Sprintf(`"%d-%x-%016x"`, id, info.Size(), b.Checksum), b.Started
		}
	}
	return fmt.Sprintf(`"%d-%x-%x"`, id, info.Size(), info.ModTime().UnixNano()), info.ModTime() // it was dropped since it was found
}

// downloadTime is how long the download of one batch may take.
const downloadTime = time.Hour
