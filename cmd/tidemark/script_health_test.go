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
	deadline := time.Now().Add(60 * time.Second)
	last := ""
	for time.Now().Before(deadline) {
		resp, err := http.Get(args[0])
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			last = fmt.Sprint(resp.StatusCode, " ", string(body))
			if strconv.Itoa(resp.StatusCode) == args[1] && pattern.Match(body) {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s: not as wanted within a minute, at last %.2000s", args[0], last)
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
