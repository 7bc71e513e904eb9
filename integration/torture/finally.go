package torture

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// finally compares what all processes have at the end: rows, documents, groups, and a batch with its file.
func (r *round) finally(h *history) {
	h.repartitioned = false // everything is complete, and so is the position
	taken := r.all[0].Expect(r.T, 201, "POST", "/v1/tables/t/batches?wait=30s", "")
	var b struct{ Batch int64 }
	if err := harness.Decode(taken.Body, &b); err != nil {
		r.Fatal(err)
	}
	var first []byte
	for i, p := range r.all {
		q := &reader{
			plan: r.plan, client: &p.Client, name: fmt.Sprintf("process %d at the end", i+1), load: r.load, answers: newAnswers(),
			dice: rand.New(rand.NewPCG(r.plan.seed, uint64(40+i))),
		}
		for _, ask := range []func() error{q.list, q.aggregate, q.rollup} {
			if err := ask(); err != nil {
				r.Errorf("%s: %v", q.name, err)
			}
		}
		for _, a := range q.answers.all {
			if err := a.check(h); err != nil {
				r.Errorf("%s, %s: %v", q.name, a.what, err)
			}
		}
		file := r.file(p, b.Batch)
		if i == 0 {
			first = file
			if err := r.checkFile(h, file); err != nil {
				r.Errorf("file of batch %d: %v", b.Batch, err)
			}
		} else if string(file) != string(first) {
			r.Errorf("the file of batch %d is another one at process %d", b.Batch, i+1)
		}
		r.total["batch files"]++
	}
}

func (r *round) file(p *harness.Process, batch int64) []byte {
	var file harness.Answer
	harness.Poll(r.T, 30*time.Second, fmt.Sprintf("file of batch %d there", batch), func() bool {
		var err error
		file, err = p.Do("GET", fmt.Sprintf("/v1/tables/t/batches/%d.parquet", batch), "")
		return err == nil && file.Status == 200
	})
	return file.Body
}

// checkFile compares the rows of a batch's file with all that the topic has: nothing is written any more.
func (r *round) checkFile(h *history, file []byte) error {
	path := filepath.Join(r.TempDir(), "batch.parquet")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return err
	}
	all, err := harness.ReadParquet(path)
	if err != nil {
		return err
	}
	have := []*row{}
	for _, columns := range all {
		b, err := json.Marshal(columns)
		if err != nil {
			return err
		}
		have = append(have, &row{})
		if err := json.Unmarshal(b, have[len(have)-1]); err != nil {
			return err
		}
	}
	sortRows(have)
	return (&answer{rows: have}).checkRows(h.all(r.ends()))
}
