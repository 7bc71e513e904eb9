package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clusterID is the identity of every cluster here. Any 16 bytes in base64 do.
const clusterID = "4L6g3nShT-eMCtK--X86sw"

// Kafka is a cluster of one broker or three.
type Kafka struct {
	// Addr is the bootstrap list, host:port joined by commas.
	Addr string
	// Brokers are the nodes; each can be stopped, killed and restarted by itself.
	Brokers []*Broker

	home  home
	ports ports
}

// StartKafka starts a cluster of one broker and waits until it serves.
func StartKafka(ctx context.Context, o Options) (*Kafka, error) { return startCluster(ctx, o, 1) }

// StartKafka3 starts a cluster of three brokers, which keeps three replicas of everything, acknowledges with
// two, and replaces a dead leader within about three seconds.
func StartKafka3(ctx context.Context, o Options) (*Kafka, error) { return startCluster(ctx, o, 3) }

func startCluster(ctx context.Context, o Options, size int) (*Kafka, error) {
	h, err := o.home("kafka")
	if err != nil {
		return nil, err
	}
	k := &Kafka{home: h}
	if err := k.start(ctx, o, size); err != nil {
		return nil, errors.Join(fmt.Errorf("start kafka: %w", err), k.Close())
	}
	return k, nil
}

func (k *Kafka) start(ctx context.Context, o Options, size int) error {
	o.logf("starting kafka with %d node(s) in %s", size, k.home.path)
	if err := k.configure(o, size); err != nil {
		return err
	}
	if err := k.each(func(b *Broker) error { return b.format(ctx) }); err != nil {
		return err
	}
	return k.up(ctx)
}

// configure gives every node its ports and its server.properties.
func (k *Kafka) configure(o Options, size int) error {
	var voters []string
	var controllers []int
	for node := 1; node <= size; node++ {
		client, err := k.ports.reserve()
		if err != nil {
			return err
		}
		controller, err := k.ports.reserve()
		if err != nil {
			return err
		}
		controllers = append(controllers, controller)
		voters = append(voters, fmt.Sprintf("%d@%s", node, loopback(controller)))
		k.Brokers = append(k.Brokers, &Broker{
			Addr: loopback(client), Node: int32(node), options: o,
			dir: filepath.Join(k.home.path, fmt.Sprintf("node-%d", node)),
		})
	}
	var addrs []string
	for i, b := range k.Brokers {
		addrs = append(addrs, b.Addr)
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return err
		}
		base := serverProperties(b, loopback(controllers[i]), strings.Join(voters, ","), size)
		if err := writeProperties(b.properties(), base, o.Settings); err != nil {
			return err
		}
	}
	k.Addr = strings.Join(addrs, ",")
	return nil
}

// serverProperties are the settings of one node. Topics are made small and failures noticed early, since tests
// wait for both; what a client can see stays at Kafka's defaults, auto-created topics included.
func serverProperties(b *Broker, controller, voters string, size int) map[string]string {
	replicas, inSync := strconv.Itoa(size), strconv.Itoa((size+1)/2)
	return map[string]string{
		"process.roles":                                    "broker,controller",
		"node.id":                                          strconv.Itoa(int(b.Node)),
		"controller.quorum.voters":                         voters,
		"controller.listener.names":                        "CONTROLLER",
		"listeners":                                        "PLAINTEXT://" + b.Addr + ",CONTROLLER://" + controller,
		"advertised.listeners":                             "PLAINTEXT://" + b.Addr,
		"inter.broker.listener.name":                       "PLAINTEXT",
		"listener.security.protocol.map":                   "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs":                                         filepath.Join(b.dir, "data"),
		"num.partitions":                                   "1",
		"default.replication.factor":                       replicas,
		"min.insync.replicas":                              inSync,
		"offsets.topic.num.partitions":                     "1",
		"offsets.topic.replication.factor":                 replicas,
		"transaction.state.log.num.partitions":             "1",
		"transaction.state.log.replication.factor":         replicas,
		"transaction.state.log.min.isr":                    inSync,
		"share.coordinator.state.topic.num.partitions":     "1",
		"share.coordinator.state.topic.replication.factor": replicas,
		"share.coordinator.state.topic.min.isr":            inSync,
		"group.initial.rebalance.delay.ms":                 "0",
		"log.retention.hours":                              "-1",
		"num.network.threads":                              "2",
		"num.io.threads":                                   "4",
		"message.max.bytes":                                "8388608",
		"replica.fetch.max.bytes":                          "8388608",
		// A killed broker may come back only when its session has ended, 9 s by default.
		"broker.session.timeout.ms":             "3000",
		"broker.heartbeat.interval.ms":          "500",
		"controller.quorum.election.timeout.ms": "500",
		"controller.quorum.fetch.timeout.ms":    "1000",
	}
}

// up starts all nodes before it waits for any: a node is ready only in a quorum.
func (k *Kafka) up(ctx context.Context) error {
	var nodes []int32
	for _, b := range k.Brokers {
		nodes = append(nodes, b.Node)
		if err := b.launch(); err != nil {
			return err
		}
	}
	return k.each(func(b *Broker) error { return b.await(ctx, nodes...) })
}

// Stop ends all brokers cleanly, at the same time; see Broker.Stop.
func (k *Kafka) Stop(ctx context.Context) error {
	return k.each(func(b *Broker) error { return b.Stop(ctx) })
}

// Kill ends all brokers with SIGKILL. Data and ports are kept.
func (k *Kafka) Kill() {
	for _, b := range k.Brokers {
		b.Kill()
	}
}

// Restart stops what runs, starts all brokers with their data on their ports, and waits until they serve.
func (k *Kafka) Restart(ctx context.Context) error {
	if err := k.Stop(ctx); err != nil {
		return err
	}
	return k.up(ctx)
}

// Close kills what still runs, gives the ports back and removes a temporary directory.
func (k *Kafka) Close() error {
	k.Kill()
	k.ports.release()
	return k.home.remove()
}

// each runs f for all brokers at the same time.
func (k *Kafka) each(f func(*Broker) error) error {
	errs := make(chan error, len(k.Brokers))
	for _, b := range k.Brokers {
		go func() { errs <- f(b) }()
	}
	var all []error
	for range k.Brokers {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}
