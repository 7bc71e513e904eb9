package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// remote is the HTTP API of a running process.
type remote struct {
	base   string
	client *http.Client
}

// remoteFlag adds --url to a command; without it the process is the one that the
// configuration describes.
func remoteFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("url", "", "the `address` of the running process, such as http://localhost:8080; default: http.listen of the configuration")
}

// connect returns the API at an address, or of the configuration when it is empty.
func (p *program) connect(address string) (*remote, error) {
	const patience = 60 * time.Second // above the longest wait that the API offers
	r := &remote{base: strings.TrimSuffix(address, "/"), client: &http.Client{Timeout: patience}}
	if address != "" {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, usage(fmt.Errorf("--url %s: want an address such as http://localhost:8080", address))
		}
		return r, nil
	}
	c, err := p.load()
	if err != nil {
		return nil, err
	}
	r.base = baseURL(c.HTTP)
	if c.HTTP.CertFile != "" {
		pem, err := os.ReadFile(c.HTTP.CertFile)
		if err != nil {
			return nil, fmt.Errorf("read http.tls.cert_file, to trust it: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pool.AppendCertsFromPEM(pem)
		r.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	}
	return r, nil
}

// baseURL is where a process on this machine is reached.
func baseURL(h config.HTTP) string {
	host, port, _ := net.SplitHostPort(h.Listen)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if h.CertFile != "" {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// problem is an answer of application/problem+json.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Field  string `json:"field"`
	Hint   string `json:"hint"`
}

// call sends a request and returns the body of a good answer. 404 and 410 are not found.
func (r *remote) call(ctx context.Context, method, path string) (json.RawMessage, int, error) {
	resp, err := r.send(ctx, method, path, nil, nil)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := r.body(resp)
	if err != nil {
		return nil, resp.StatusCode, err
	}
	return body, resp.StatusCode, nil
}

// send sends a request and returns its answer, whatever that is.
func (r *remote) send(ctx context.Context, method, path string, header http.Header, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, usage(err)
	}
	req.Header.Set("Accept", "application/json")
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the running process: %w", err)
	}
	return resp, nil
}

// body reads a good answer; another one is an error that says what was answered.
func (r *remote) body(resp *http.Response) (json.RawMessage, error) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", r.base, err)
	}
	if resp.StatusCode < 300 {
		return body, nil
	}
	var told problem
	text := fmt.Sprintf("%s %s: %s", resp.Request.Method, resp.Request.URL.RequestURI(), resp.Status)
	if json.Unmarshal(body, &told) == nil && told.Title != "" {
		text = told.Title
		if told.Detail != "" {
			text += ": " + told.Detail
		}
		if told.Hint != "" {
			text += " (" + told.Hint + ")"
		}
	}
	err = fmt.Errorf("%s", text)
	switch resp.StatusCode {
	case http.StatusNotFound, http.StatusGone:
		return nil, notFound(err)
	case http.StatusBadRequest:
		return nil, usage(err)
	}
	return nil, err
}
