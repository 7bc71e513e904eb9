package config

import (
	"math"

	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/kafka"
)

func (o object) kafka() Kafka {
	if !o.need("kafka", "kafka.brokers says where the topics are, kafka.embedded: true brings a broker along") {
		return Kafka{}
	}
	k := o.mapping("kafka", keysOf("kafka")...)
	out := Kafka{Embedded: k.flag("embedded", false)}
	out.Brokers = k.brokers(out.Embedded)
	out.TopicPrefix = k.text("topic_prefix", "")
	if err := kafka.ValidPrefix(out.TopicPrefix); err != nil {
		k.fault("topic_prefix", "%v", err)
	}
	out.ReplicationFactor = int16(k.integer("replication_factor", -1, -1, math.MaxInt16))
	if out.ReplicationFactor == 0 {
		k.fault("replication_factor", "0 is not possible: want 1 or more, or -1 for the broker's default")
	}
	if out.Embedded && out.ReplicationFactor > 1 {
		k.fault("replication_factor", "%d is not possible: the embedded broker is one node", out.ReplicationFactor)
	}
	out.TLS, out.SASL = k.tls(), k.sasl()
	if out.Embedded {
		for _, key := range []string{"tls", "sasl"} {
			if k.has(key) {
				k.fault(key, "the embedded broker has none: it listens on loopback only")
			}
		}
	}
	out.Registry = k.registry()
	return out
}

// brokers reads the addresses; they and embedded exclude each other.
func (o object) brokers(embedded bool) []string {
	var out []string
	for _, it := range o.list("brokers") {
		s, ok := o.r.textNode(it.node, it.path)
		if !ok {
			continue
		}
		if err := kafka.ValidBroker(s); err != nil {
			o.r.fault(it.node, it.path, "%v", err)
			continue
		}
		out = append(out, s)
	}
	switch {
	case !o.ok:
	case embedded && o.has("brokers"):
		o.fault("brokers", "brokers and embedded: true exclude each other: take one out")
	case !embedded && !o.has("brokers"):
		o.need("brokers", "a list of host:port, or embedded: true for a broker inside the process")
	case !embedded && len(o.list("brokers")) == 0:
		o.fault("brokers", "the list is empty: want at least one host:port")
	}
	return out
}

func (o object) tls() kafka.TLS {
	t := o.mapping("tls", keysOf("kafka.tls")...)
	if !t.ok {
		return kafka.TLS{}
	}
	out := kafka.TLS{
		Enabled: t.flag("enabled", false), CAFile: t.text("ca_file", ""), CertFile: t.text("cert_file", ""),
		KeyFile: t.text("key_file", ""), ServerName: t.text("server_name", ""),
	}
	if err := out.Validate(); err != nil {
		o.fault("tls", "%v", err)
	}
	return out
}

// registry reads where the schemas of Avro records are.
func (o object) registry() registry.Settings {
	s := o.mapping("schema_registry", keysOf("kafka.schema_registry")...)
	if !s.ok {
		return registry.Settings{}
	}
	o.r.registry = true
	before := len(o.r.faults)
	out := registry.Settings{Username: s.text("username", ""), Password: s.text("password", "")}
	if s.need("url", "the address of the registry's API, such as http://localhost:8081") {
		out.URL = s.text("url", "")
	}
	if err := out.Validate(); err != nil && len(o.r.faults) == before {
		o.fault("schema_registry", "%v", err)
	}
	return out
}

func (o object) sasl() kafka.SASL {
	s := o.mapping("sasl", keysOf("kafka.sasl")...)
	if !s.ok {
		return kafka.SASL{}
	}
	before := len(o.r.faults)
	out := kafka.SASL{
		Mechanism: s.choice("mechanism", "", kafka.Mechanisms()...),
		Username:  s.text("username", ""), Password: s.text("password", ""),
	}
	if err := out.Validate(); err != nil && len(o.r.faults) == before {
		o.fault("sasl", "%v", err)
	}
	return out
}
