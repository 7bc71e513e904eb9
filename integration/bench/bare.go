package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

const bareCommand = "bare-loop"

// runBare is the plain program that ingestion is compared with: read, decode, one
// LevelDB batch per fetch, produce. It keeps no guard, no group and no position
// but the store's, and ends when every partition is at its end.
func runBare(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(bareCommand, flag.ContinueOnError)
	brokers := flags.String("brokers", "", "")
	topic := flags.String("topic", "", "")
	dir := flags.String("dir", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	l := bareLoop{table: load.Orders(*topic), changelog: *topic + "-bare", dbs: map[int32]*leveldb.DB{}}
	var err error
	l.client, err = kgo.NewClient(
		kgo.SeedBrokers(strings.Split(*brokers, ",")...), kgo.ConsumeTopics(*topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.MaxBufferedRecords(20_000),
	)
	if err != nil {
		return err
	}
	defer l.client.Close()
	defer func() {
		for _, db := range l.dbs {
			db.Close()
		}
	}()
	return l.run(ctx, *topic, *dir)
}

type bareLoop struct {
	client    *kgo.Client
	table     *tables.Table
	changelog string
	dbs       map[int32]*leveldb.DB
	failed    error
}

func (l *bareLoop) run(ctx context.Context, topic, dir string) error {
	ends, err := kadm.NewClient(l.client).ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	left := map[int32]int64{}
	for p, o := range ends[topic] {
		left[p] = o.Offset
		db, err := leveldb.OpenFile(filepath.Join(dir, strconv.Itoa(int(p))), &opt.Options{
			WriteBuffer: 16 << 20, BlockSize: 16 << 10, Compression: opt.NoCompression,
		})
		if err != nil {
			return err
		}
		l.dbs[p] = db
	}
	decoder, err := cdc.NewDecoder(l.table, cdc.Options{})
	if err != nil {
		return err
	}
	fingerprint := wire.Fingerprint(l.table)
	for len(left) > 0 {
		fetches := l.client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if err := l.partition(ctx, decoder, fingerprint, p); err != nil {
				l.failed = errors.Join(l.failed, err)
			}
			if n := len(p.Records); n > 0 && p.Records[n-1].Offset+1 >= left[p.Partition] {
				delete(left, p.Partition)
			}
		})
		if l.failed != nil {
			return l.failed
		}
	}
	if err := l.client.Flush(ctx); err != nil {
		return err
	}
	return l.printLive()
}

// printLive prints the bytes of all keys and rows that are left.
func (l *bareLoop) printLive() error {
	var live int64
	for _, db := range l.dbs {
		it := db.NewIterator(nil, nil)
		for it.Next() {
			live += int64(len(it.Key()) + len(it.Value()))
		}
		it.Release()
		if err := it.Error(); err != nil {
			return err
		}
	}
	fmt.Println(live)
	return nil
}

func (l *bareLoop) partition(ctx context.Context, d cdc.Decoder, fingerprint uint32, p kgo.FetchTopicPartition) error {
	var batch leveldb.Batch
	var c tables.Change
	for _, r := range p.Records {
		rec := codecs.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Time: r.Timestamp, Key: r.Key, Value: r.Value}
		if err := d.Decode(&rec, &c); err != nil {
			return fmt.Errorf("partition %d, offset %d: %w", r.Partition, r.Offset, err)
		}
		key := []byte(c.Key)
		var value []byte
		switch c.Op {
		case tables.Upsert:
			row := tables.Row{Values: c.Values, Offset: r.Offset, Time: c.Time, Source: c.Source}
			value = wire.AppendStateRow(make([]byte, 0, 160), fingerprint, &row)
			batch.Put(key, value)
		case tables.Delete:
			batch.Delete(key)
		default:
			continue
		}
		l.client.Produce(ctx, &kgo.Record{Topic: l.changelog, Partition: r.Partition, Key: key, Value: value}, nil)
	}
	return l.dbs[p.Partition].Write(&batch, nil)
}
