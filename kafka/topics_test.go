package kafka_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/tables"
)

// start runs a broker with a source topic of three partitions.
func start(t *testing.T) (*broker.Broker, kafka.Settings, *tables.Table) {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{"shop.public.orders": 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	table := &tables.Table{Name: "orders", Source: tables.Source{Topic: "shop.public.orders"}}
	return b, kafka.Settings{Brokers: b.Addrs(), TopicPrefix: "x."}, table
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func admin(t *testing.T, s kafka.Settings) *kadm.Client {
	t.Helper()
	c, err := s.Client(kgo.MetadataMinAge(10 * time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return kadm.NewClient(c)
}

func topicConfigs(t *testing.T, a *kadm.Client, topic string) map[string]string {
	t.Helper()
	rcs, err := a.DescribeTopicConfigs(bounded(t), topic)
	if err != nil {
		t.Fatal(err)
	}
	rc, err := rcs.On(topic, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range rc.Configs {
		out[c.Key] = c.MaybeValue()
	}
	return out
}

// Topics are made with the source's partitions, compaction and retention.
func TestEnsureMakesTopicsAsTheyMustBe(t *testing.T) {
	_, s, table := start(t)
	source, err := kafka.Ensure(bounded(t), s, table)
	if err != nil {
		t.Fatal(err)
	}
	if source.Name != "shop.public.orders" || source.Partitions != 3 || source.ID == [16]byte{} {
		t.Errorf("the source is %+v", source)
	}
	a := admin(t, s)
	md, err := a.Metadata(bounded(t))
	if err != nil {
		t.Fatal(err)
	}
	compact := map[string]string{"cleanup.policy": "compact", "min.compaction.lag.ms": "60000", "delete.retention.ms": "604800000"}
	want := map[string]struct {
		partitions int
		configs    map[string]string
	}{
		"x.orders-table":    {3, compact},
		"x.orders-snapshot": {3, compact},
		"x.orders-batches":  {1, compact},
		"x.orders-progress": {1, compact},
		"x.orders-batch":    {3, map[string]string{"cleanup.policy": "delete", "retention.ms": "604800000"}},
		"x.orders-dlq":      {3, map[string]string{"cleanup.policy": "delete", "retention.ms": "-1"}},
	}
	for name, w := range want {
		if got := len(md.Topics[name].Partitions); got != w.partitions {
			t.Errorf("%s has %d partitions, want %d", name, got, w.partitions)
		}
		configs := topicConfigs(t, a, name)
		for k, v := range w.configs {
			if configs[k] != v {
				t.Errorf("%s has %s=%s, want %s", name, k, configs[k], v)
			}
		}
	}
	if n := len(md.Topics); n != len(want)+1 {
		t.Errorf("there are %d topics: %v", n, md.Topics.Names())
	}
}

// Instances that start together race to make the topics, and all of them continue.
func TestEnsureTakesExistingTopicsAsSuccess(t *testing.T) {
	_, s, table := start(t)
	ctx := bounded(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() { _, errs[i] = kafka.Ensure(ctx, s, table) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// Without luck: the broker says that the topic exists although it was not seen before.
func TestCreateAnsweredWithExists(t *testing.T) {
	b, s, table := start(t)
	refused := 0
	b.Faults().ControlKey(int16(kmsg.CreateTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
		r := req.(*kmsg.CreateTopicsRequest)
		if r.Topics[0].Topic != "x.orders-table" || refused > 0 {
			b.Faults().KeepControl()
			return nil, nil, false
		}
		refused++
		// Another instance makes it first.
		go func() { _, _ = kafka.Ensure(ctxOf(t), s, table) }()
		resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
		st := kmsg.NewCreateTopicsResponseTopic()
		st.Topic, st.ErrorCode = r.Topics[0].Topic, kerr.TopicAlreadyExists.Code
		resp.Topics = append(resp.Topics, st)
		return resp, nil, true
	})
	if _, err := kafka.Ensure(bounded(t), s, table); err != nil {
		t.Error(err)
	}
	if refused != 1 {
		t.Errorf("%d requests were answered with exists, want 1", refused)
	}
}

func ctxOf(t *testing.T) context.Context { return t.Context() }

// A leader that does not know its new partition yet is waited for.
func TestEnsureWaitsForLeaders(t *testing.T) {
	b, s, table := start(t)
	asked := 0
	b.Faults().ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.Faults().KeepControl()
		if asked++; asked > 2 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, rt := range req.(*kmsg.ListOffsetsRequest).Topics {
			st := kmsg.NewListOffsetsResponseTopic()
			st.Topic = rt.Topic
			for _, rp := range rt.Partitions {
				sp := kmsg.NewListOffsetsResponseTopicPartition()
				sp.Partition, sp.ErrorCode = rp.Partition, kerr.NotLeaderForPartition.Code
				st.Partitions = append(st.Partitions, sp)
			}
			resp.Topics = append(resp.Topics, st)
		}
		return resp, nil, true
	})
	if _, err := kafka.Ensure(bounded(t), s, table); err != nil {
		t.Fatal(err)
	}
	if asked < 3 {
		t.Errorf("the leaders were asked %d times, want 3 or more", asked)
	}
}

func TestEnsureWithoutSource(t *testing.T) {
	_, s, table := start(t)
	table.Source.Topic = "nowhere"
	_, err := kafka.Ensure(bounded(t), s, table)
	if !errors.Is(err, kafka.ErrNoSource) || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("the error is %v, want ErrNoSource with the topic's name", err)
	}
	md, err := admin(t, s).Metadata(bounded(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(md.Topics) != 1 {
		t.Errorf("topics were made: %v", md.Topics.Names())
	}
}

func TestEnsureRefusesWrongPartitions(t *testing.T) {
	_, s, table := start(t)
	if _, err := admin(t, s).CreateTopic(bounded(t), 2, 1, nil, "x.orders-table"); err != nil {
		t.Fatal(err)
	}
	_, err := kafka.Ensure(bounded(t), s, table)
	var wrong *kafka.PartitionsError
	if !errors.As(err, &wrong) || wrong.Topic != "x.orders-table" || wrong.Want != 3 || wrong.Got != 2 {
		t.Errorf("the error is %v, want a PartitionsError", err)
	}
}

func TestEnsureRefusesWrongPolicy(t *testing.T) {
	_, s, table := start(t)
	if _, err := admin(t, s).CreateTopic(bounded(t), 3, 1, nil, "x.orders-snapshot"); err != nil {
		t.Fatal(err)
	}
	_, err := kafka.Ensure(bounded(t), s, table)
	var wrong *kafka.PolicyError
	if !errors.As(err, &wrong) || wrong.Topic != "x.orders-snapshot" || wrong.Got != "delete" {
		t.Errorf("the error is %v, want a PolicyError", err)
	}
}

func TestInspectNamesTheRemedy(t *testing.T) {
	_, s, table := start(t)
	policy, lag := "compact", "0"
	_, err := admin(t, s).CreateTopic(bounded(t), 3, 1, map[string]*string{
		"cleanup.policy": &policy, "min.compaction.lag.ms": &lag,
	}, "x.orders-table")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kafka.Ensure(bounded(t), s, table); err != nil {
		t.Fatal(err)
	}
	found, err := kafka.Inspect(bounded(t), s, table)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(f kafka.Finding) bool { return strings.Contains(f.What, "min.compaction.lag.ms=0") })
	if i < 0 || found[i].Topic != "x.orders-table" || !strings.HasSuffix(found[i].Remedy, "--add-config min.compaction.lag.ms=60000") {
		t.Errorf("the findings are %+v", found)
	}
	for _, f := range found {
		if f.Topic != "x.orders-table" || f.Err != nil {
			t.Errorf("unexpected finding: %+v", f)
		}
	}
}

// TestSettingsThatMayNotBeRead: who may not describe settings can still use topics.
func TestSettingsThatMayNotBeRead(t *testing.T) {
	b, s, table := start(t)
	b.Faults().ControlKey(int16(kmsg.DescribeConfigs), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.Faults().KeepControl()
		resp := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
		for _, rr := range req.(*kmsg.DescribeConfigsRequest).Resources {
			sr := kmsg.NewDescribeConfigsResponseResource()
			sr.ResourceName, sr.ResourceType, sr.ErrorCode = rr.ResourceName, rr.ResourceType, kerr.TopicAuthorizationFailed.Code
			resp.Resources = append(resp.Resources, sr)
		}
		return resp, nil, true
	})
	if _, err := kafka.Ensure(bounded(t), s, table); err != nil {
		t.Fatal(err)
	}
	found, err := kafka.Inspect(bounded(t), s, table)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Remedy, "DescribeConfigs") {
		t.Errorf("the findings are %+v, %v", found, err)
	}
}

func TestSinceTellsARecreatedOrChangedTopic(t *testing.T) {
	_, s, table := start(t)
	before, err := kafka.Ensure(bounded(t), s, table)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := admin(t, s)
	describe := func() kafka.Topic {
		t.Helper()
		now, err := kafka.Describe(bounded(t), c, before.Name)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	if err := describe().Since(before); err != nil {
		t.Errorf("the same topic: %v", err)
	}
	if _, err := a.UpdatePartitions(bounded(t), 5, before.Name); err != nil {
		t.Fatal(err)
	}
	var grown *kafka.PartitionsError
	if err := describe().Since(before); !errors.As(err, &grown) || grown.Got != 5 || !grown.Source {
		t.Errorf("after more partitions: %v", err)
	}
	if _, err := a.DeleteTopic(bounded(t), before.Name); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateTopic(bounded(t), 3, 1, nil, before.Name); err != nil {
		t.Fatal(err)
	}
	var recreated *kafka.RecreatedError
	if err := describe().Since(before); !errors.As(err, &recreated) {
		t.Errorf("after it was made again: %v", err)
	}
}

func TestOffsetsOfATopic(t *testing.T) {
	_, s, _ := start(t)
	c, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 4 {
		r := &kgo.Record{Topic: "shop.public.orders", Partition: 1, Value: []byte("v")}
		if err := c.ProduceSync(bounded(t), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	ends, err := kafka.EndOffsets(bounded(t), c, "shop.public.orders")
	if err != nil || !slices.Equal(ends, []int64{0, 4, 0}) {
		t.Errorf("the ends are %v, %v", ends, err)
	}
	starts, err := kafka.StartOffsets(bounded(t), c, "shop.public.orders")
	if err != nil || !slices.Equal(starts, []int64{0, 0, 0}) {
		t.Errorf("the starts are %v, %v", starts, err)
	}
	if _, err := kafka.EndOffsets(bounded(t), c, "nowhere"); !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("a topic that does not exist: %v", err)
	}
}
