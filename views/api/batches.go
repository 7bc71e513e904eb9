package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// maxBatchWait bounds ?wait= of POST batches.
const maxBatchWait = 5 * time.Minute

// batches answers GET /v1/tables/{table}/batches.
func (a *API) batches(c *call) (answer, error) {
	t, err := a.named(c)
	if err != nil {
		return answer{}, err
	}
	if err := c.noParameters(); err != nil {
		return answer{}, err
	}
	if err := acceptsJSON(c.r.Header); err != nil {
		return answer{}, err
	}
	list := t.Batches.List()
	c.body = append(c.body, `{"data":[`...)
	for i, b := range list {
		if i > 0 {
			c.body = append(c.body, ',')
		}
		c.body = appendBatch(c.body, b)
	}
	c.body = append(c.body, `],"rows":`...)
	c.body = append(appendInt(c.body, int64(len(list))), '}', '\n')
	return answer{contentType: typeJSON, of: t, snapshot: t.Reader.Snapshot(), body: c.body}, nil
}

func appendBatch(dst []byte, b Batch) []byte {
	dst = append(dst, `{"batch":`...)
	dst = strconv.AppendUint(dst, b.ID, 10)
	dst = append(dst, `,"cut":{`...)
	for p, o := range b.Cut {
		if p > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendInt(append(dst, '"'), int64(p)), `":`...)
		dst = appendInt(dst, o)
	}
	dst = appendInt(append(dst, `},"rows":`...), b.Rows)
	dst = appendInt(append(dst, `,"changed":`...), b.Changed)
	dst = fmt.Appendf(dst, `,"checksum":"%016x","started":"`, b.Checksum)
	dst = tables.AppendTimestamp(dst, b.Started.UnixMicro())
	dst = appendInt(append(dst, `","took_ms":`...), b.Took.Milliseconds())
	if b.Bytes > 0 { // else its file is still being written
		dst = appendInt(append(dst, `,"bytes":`...), b.Bytes)
	}
	return append(dst, '}')
}

// takeBatch answers POST /v1/tables/{table}/batches: 202 with the batch's id, or
// with ?wait= 201 and the batch when it is complete in that time, else 202.
func (a *API) takeBatch(c *call) (answer, error) {
	t, err := a.named(c)
	if err != nil {
		return answer{}, err
	}
	patience, err := batchWait(c.r.URL.RawQuery)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := c.until(max(patience, slowest))
	defer cancel()
	id, err := t.Batches.Take(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("take a batch of %s: %w: %w", t.def.Name, ErrUnavailable, err)
	}
	ans := answer{status: http.StatusAccepted, contentType: typeJSON, location: "/v1/tables/" + t.def.Name + "/batches"}
	if patience > 0 {
		_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(patience + slowest)) // a writer without deadlines needs none
		waited, stop := c.until(patience)
		defer stop()
		b, err := t.Batches.Wait(waited, id)
		if err == nil && b.Bytes == 0 { // it counts from when it is in memory; its file follows
			if _, err := t.Batches.File(waited, id); err == nil {
				if whole, err := t.Batches.Wait(waited, id); err == nil {
					b = whole
				}
			}
		}
		if err == nil {
			ans.status, ans.location = http.StatusCreated, ans.location+"/"+strconv.FormatUint(b.ID, 10)+".parquet"
			ans.body = append(appendBatch(c.body, b), '\n')
			return ans, nil
		}
		if !errors.Is(err, context.DeadlineExceeded) || c.r.Context().Err() != nil {
			return answer{}, fmt.Errorf("wait for batch %d of %s: %w", id, t.def.Name, err)
		}
	}
	c.body = strconv.AppendUint(append(c.body, `{"batch":`...), id, 10)
	ans.body = append(c.body, `,"complete":false}`+"\n"...)
	return ans, nil
}

func batchWait(raw string) (time.Duration, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return 0, badRequest(string(query.BadParameter), "wait", "the parameters are not percent-encoded as a URL's are", "")
	}
	for name := range values {
		if name != "wait" {
			return 0, badRequest(string(query.UnknownParameter), name, query.Quote(name)+" is no parameter here", "the parameter is wait")
		}
	}
	text := values.Get("wait")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxBatchWait {
		return 0, badRequest(string(query.BadParameter), "wait", "a time from 0s to 5m was expected, not "+query.Quote(text), "write for example wait=30s")
	}
	return d, nil
}

// batchFile answers GET /v1/tables/{table}/batches/{batch}.parquet, whole or in ranges.
func (a *API) batchFile(c *call) (answer, error) {
	t, err := a.named(c)
	if err != nil {
		return answer{}, err
	}
	id, err := strconv.ParseUint(c.variable("batch"), 10, 64)
	if err != nil {
		return answer{}, ErrNoBatch
	}
	ctx, cancel := c.until(maxWait) // the newest batch's file may still be written
	defer cancel()
	path, err := t.Batches.File(ctx, id)
	if err != nil {
		return answer{}, fmt.Errorf("find batch %d of %s: %w", id, t.def.Name, err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return answer{}, ErrNoBatch // it was dropped since it was found
	}
	if err != nil {
		return answer{}, fmt.Errorf("open batch %d of %s: %w", id, t.def.Name, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // only read
		return answer{}, fmt.Errorf("open batch %d of %s: %w", id, t.def.Name, err)
	}
	tag, modified := t.batchTag(id, info)
	c.w.Header().Set("Etag", tag)
	name := t.def.Name + "-" + strconv.FormatUint(id, 10) + ".parquet"
	return answer{contentType: typeParquet, attachment: name, raw: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer f.Close()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime))
		ranged := &rangedWriter{ResponseWriter: w, api: a, r: r, size: info.Size()}
		http.ServeContent(ranged, r, "", modified, f)
	})}, nil
}

// batchTag returns the tag of a batch's file and when it was taken: the same on each process, as
// the bytes are. The same id can be another batch after a table was made anew.
func (t *served) batchTag(id uint64, info fs.FileInfo) (tag string, modified time.Time) {
	for _, b := range t.Batches.List() {
		if b.ID == id {
			return fmt.Sprintf(`"%d-%x-%016x"`, id, info.Size(), b.Checksum), b.Started
		}
	}
	return fmt.Sprintf(`"%d-%x-%x"`, id, info.Size(), info.ModTime().UnixNano()), info.ModTime() // it was dropped since it was found
}

// downloadTime is how long the download of one batch may take.
const downloadTime = time.Hour
