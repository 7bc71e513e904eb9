package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/tidemark/tidemark/codecs/datum"
)

// This file and faults.go are where the library of the registry's API is named.

// api asks the registry. Its errors are awayCauses when the question was not answered.
type api struct {
	client *sr.Client
	http   *http.Transport
	proven atomic.Bool // it has given a schema: what answers is a registry
}

const (
	maxAnswer     = 2 * datum.MaxSchemaBytes // JSON in JSON takes more room
	maxReferences = 500
)

func newAPI(s Settings) (*api, error) {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("the default HTTP transport was replaced")
	}
	a := &api{http: transport.Clone()}
	opts := []sr.ClientOpt{
		sr.URLs(s.URL), sr.UserAgent("tidemark"), sr.HTTPClient(&http.Client{Transport: bounded{a.http}}),
	}
	if s.Username != "" {
		opts = append(opts, sr.BasicAuth(s.Username, s.Password))
	}
	var err error
	a.client, err = sr.NewClient(opts...)
	return a, err
}

func (a *api) close() { a.http.CloseIdleConnections() }

// schema asks for a schema and all that it refers to.
func (a *api) schema(ctx context.Context, id datum.ID) (*datum.Schema, error) {
	found, err := a.byID(ctx, id)
	if err != nil {
		return nil, a.fault(ctx, err)
	}
	if found.Type != sr.TypeAvro {
		return nil, fmt.Errorf("it is no Avro schema but %s", found.Type)
	}
	refs := references{api: a, seen: map[string]bool{}}
	if err := refs.resolve(ctx, found.References); err != nil {
		return nil, err
	}
	a.proven.Store(true)
	return datum.Parse(found.Schema, refs.texts...)
}

func (a *api) byID(ctx context.Context, id datum.ID) (sr.Schema, error) {
	if id.Number != 0 {
		return a.client.SchemaByID(ctx, int(id.Number))
	}
	s, err := a.client.SchemaByGUID(ctx, id.GUIDText())
	return s.Schema, err
}

// references are the texts of the schemas that others refer to, each behind those
// that it refers to itself.
type references struct {
	*api
	texts []string
	bytes int
	seen  map[string]bool
}

func (r *references) resolve(ctx context.Context, refs []sr.SchemaReference) error {
	for _, ref := range refs {
		name := fmt.Sprintf("%s, version %d", ref.Subject, ref.Version)
		if r.seen[name] {
			continue
		}
		r.seen[name] = true
		if len(r.seen) > maxReferences {
			return fmt.Errorf("it refers to more than %d schemas", maxReferences)
		}
		found, err := r.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err != nil {
			return fmt.Errorf("it refers to %s: %w", name, r.fault(ctx, err))
		}
		if err := r.resolve(ctx, found.References); err != nil {
			return err
		}
		if r.bytes += len(found.Schema.Schema); r.bytes > datum.MaxSchemaBytes {
			return datum.ErrTooLarge
		}
		r.texts = append(r.texts, found.Schema.Schema)
	}
	return nil
}

// ping asks for what every registry has.
func (a *api) ping(ctx context.Context) error {
	_, err := a.client.Subjects(ctx)
	if errors.Is(err, errTooLong) {
		return nil // it has many
	}
	return explained(err)
}

var errTooLong = fmt.Errorf("an answer of more than %d bytes", maxAnswer)

// bounded cuts answers off that are longer than any schema.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: maxAnswer}
	}
	return resp, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}
