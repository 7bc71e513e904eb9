package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// says url status pattern: waits until it is answered so.
func says(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile(args[2])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for last := ""; ; {
		if status, body, err := ask(ctx, args[0]); err == nil {
			last = status + " " + string(body)
			if status == args[1] && pattern.Match(body) {
				return
			}
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("%s: not as wanted within a minute, at last %.2000s", args[0], last)
		case <-tick.C:
		}
	}
}

// ask gets an address.
func ask(ctx context.Context, url string) (status string, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return strconv.Itoa(resp.StatusCode), body, err
}

// crowd broker topic partitions partitioner n value: sends n records with the keys
// {"id":0} and so on, placed by a partitioner. In the value # is the id.
func crowd(ts *testscript.TestScript, _ bool, args []string) {
	partitions, err := strconv.ParseInt(args[2], 10, 32)
	ts.Check(err)
	n, err := strconv.Atoi(args[4])
	ts.Check(err)
	c, err := kafka.Settings{Brokers: []string{strings.TrimSpace(args[0])}}.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	ts.Check(err)
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for id := range n {
		r := &kgo.Record{Topic: args[1], Key: fmt.Appendf(nil, `{"id":%d}`, id), Value: []byte(strings.ReplaceAll(args[5], "#", strconv.Itoa(id)))}
		r.Partition, _ = kafka.PartitionOf(tables.Partitioner(args[3]), r.Key, int32(partitions))
		c.Produce(ctx, r, nil)
	}
	ts.Check(c.Flush(ctx))
}
