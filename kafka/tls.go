package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS says whether and how connections are encrypted.
type TLS struct {
	Enabled    bool
	CAFile     string // certificates to trust instead of the system's
	CertFile   string // our certificate, with KeyFile, where brokers ask for one
	KeyFile    string
	ServerName string // the name in the brokers' certificates, when it is not their host
}

// Validate says what is wrong with the settings; it reads no file.
func (t TLS) Validate() error {
	if !t.Enabled {
		if t != (TLS{}) {
			return errors.New("files or a server name are given, but enabled is not true")
		}
		return nil
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return errors.New("cert_file and key_file belong together: one of them is missing")
	}
	return nil
}

// config returns nil when connections are not encrypted.
func (t TLS) config() (*tls.Config, error) {
	if !t.Enabled {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("tls: read ca_file: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls: ca_file %s holds no PEM certificate", t.CAFile)
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("tls: read cert_file and key_file: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
