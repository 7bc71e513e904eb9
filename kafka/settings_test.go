package kafka_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

func TestValidateNamesEveryFault(t *testing.T) {
	s := kafka.Settings{
		Brokers:           []string{"localhost", "ok:9092", ":9092", "host:99999"},
		TLS:               kafka.TLS{CAFile: "ca.pem"},
		SASL:              kafka.SASL{Mechanism: "kerberos", Username: "u", Password: "p"},
		TopicPrefix:       "a b",
		ReplicationFactor: -2,
	}
	got := s.Validate().Error()
	for _, want := range []string{
		`brokers[0]: "localhost"`, `brokers[2]: ":9092"`, `brokers[3]: "host:99999"`, "tls: ", `sasl: "kerberos"`,
		`topic_prefix: "a b"`, "replication_factor: -2",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	if _, err := s.Sarama(); err == nil {
		t.Error("sarama takes them")
	}
	if _, err := s.Franz(); err == nil {
		t.Error("franz-go takes them")
	}
}

// TestNewGroupsReadFromTheStartAndWritesAreAcknowledgedByAll looks at where readers start, what a write waits for, and
// which strategy of assignment is announced.
func TestNewGroupsReadFromTheStartAndWritesAreAcknowledgedByAll(t *testing.T) {
	s := kafka.Settings{Brokers: []string{"localhost:9092"}}
	c, err := s.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	if c.Consumer.Offsets.Initial != sarama.OffsetOldest {
		t.Error("a new group starts at the end")
	}
	if c.Producer.RequiredAcks != sarama.WaitForAll || !c.Producer.Idempotent || c.Net.MaxOpenRequests != 1 {
		t.Error("the producer may lose or reorder")
	}
	if c.Consumer.IsolationLevel != sarama.ReadCommitted || !c.Version.IsAtLeast(sarama.V2_8_0_0) {
		t.Error("aborted records are read")
	}
	if c.Consumer.Group.Rebalance.Strategy != nil {
		t.Error("a strategy is set: it wins over GroupStrategies")
	}
	other, err := s.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	if c == other {
		t.Error("two calls share one configuration")
	}
}

// TestBothClientsPassEveryAccessControl connects sarama and franz-go from the same settings.
func TestBothClientsPassEveryAccessControl(t *testing.T) {
	ca, cert, key, server := certificates(t)
	encrypted := kafka.TLS{Enabled: true, CAFile: ca, CertFile: cert, KeyFile: key, ServerName: "broker.test"}
	for name, tc := range map[string]struct {
		tls       kafka.TLS
		mechanism string
	}{
		"plain":                  {mechanism: kafka.Plain},
		"scram-sha-256":          {mechanism: kafka.ScramSHA256},
		"scram-sha-512":          {mechanism: kafka.ScramSHA512},
		"tls":                    {tls: encrypted},
		"tls with scram-sha-512": {tls: encrypted, mechanism: kafka.ScramSHA512},
	} {
		t.Run(name, func(t *testing.T) {
			var opts []kfake.Opt
			s := kafka.Settings{TLS: tc.tls}
			if tc.mechanism != "" {
				opts = append(opts, kfake.EnableSASL(), kfake.Superuser(strings.ToUpper(tc.mechanism), "user", "secret"))
				s.SASL = kafka.SASL{Mechanism: tc.mechanism, Username: "user", Password: "secret"}
			}
			if tc.tls.Enabled {
				opts = append(opts, kfake.TLS(server))
			}
			cluster, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1))...)
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			s.Brokers = cluster.ListenAddrs()
			connectBoth(t, s)
			if tc.mechanism != "" {
				s.SASL.Password = "wrong"
				refuseBoth(t, s)
			}
		})
	}
}

func connectBoth(t *testing.T, s kafka.Settings) {
	t.Helper()
	franz, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer franz.Close()
	if err := franz.Ping(bounded(t)); err != nil {
		t.Errorf("franz-go: %v", err)
	}
	config, err := s.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	if err := controller(s, config); err != nil {
		t.Errorf("sarama: %v", err)
	}
}

func refuseBoth(t *testing.T, s kafka.Settings) {
	t.Helper()
	franz, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer franz.Close()
	if err := franz.Ping(bounded(t)); err == nil {
		t.Error("franz-go gets in with a wrong password")
	}
	config, err := s.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	config.Metadata.Retry.Max = 0
	if err := controller(s, config); err == nil {
		t.Error("sarama gets in with a wrong password")
	}
}

// controller asks a broker something, which needs a connection that was let in.
func controller(s kafka.Settings, config *sarama.Config) error {
	client, err := sarama.NewClient(s.Brokers, config)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	_, err = client.RefreshController()
	return err
}

// certificates makes an authority and one certificate of it, for server and client.
func certificates(t *testing.T) (caFile, certFile, keyFile string, server *tls.Config) {
	t.Helper()
	newKey := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	caKey, leafKey := newKey(), newKey()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour),
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{"broker.test"}, NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	sign := func(c *x509.Certificate, k *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, ca, &k.PublicKey, caKey)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	keyDER, err := x509.MarshalECPrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	caDER := sign(ca, caKey)
	caFile = write("ca.pem", "CERTIFICATE", caDER)
	certFile = write("cert.pem", "CERTIFICATE", sign(leaf, leafKey))
	keyFile = write("key.pem", "EC PRIVATE KEY", keyDER)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	caCert, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(caCert)
	server = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	return caFile, certFile, keyFile, server
}

// Both libraries can wait for a batch to fill, sarama by goka's default a tenth of a
// second: that would be the freshness of every row.
func TestNothingWaitsForABatchToFill(t *testing.T) {
	s := kafka.Settings{Brokers: []string{"localhost:9092"}}
	c, err := s.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	if f := c.Producer.Flush; f.Frequency != 0 || f.Bytes != 0 || f.Messages != 0 {
		t.Errorf("sarama flushes after %s, %d bytes or %d messages, want at once", f.Frequency, f.Bytes, f.Messages)
	}
	client, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if linger := client.OptValue(kgo.ProducerLinger); linger != time.Duration(0) {
		t.Errorf("franz-go lingers for %v, want not at all", linger)
	}
}
