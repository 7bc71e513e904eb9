package system

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
)

// writePair writes a certificate with a serial number, and its key.
func writePair(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: bytes}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1_700_000_000+serial, 0)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARenewedCertificateIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePair(t, certFile, keyFile, 1)
	c, err := loadCertificate(certFile, keyFile, new(events.Listener).EnsureDefaults())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c.clock = func() time.Time { return now }
	is := func(want int64) {
		t.Helper()
		now = now.Add(2 * lookAgain)
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := pair.Leaf.SerialNumber.Int64(); got != want {
			t.Errorf("certificate %d, want %d", got, want)
		}
	}
	is(1)
	writePair(t, certFile, keyFile, 2)
	is(2)
	writePair(t, certFile, filepath.Join(dir, "other.pem"), 3) // half of a pair: the key is still to come
	is(2)
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	is(2)
	writePair(t, certFile, keyFile, 4)
	is(4)
}
