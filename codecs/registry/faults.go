package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/tidemark/tidemark/codecs/datum"
)

// errUnknown says that the registry has no such schema.
var errUnknown = errors.New("the registry knows no such schema")

// fault distinguishes an answer from none. The registry's own codes have five digits, of
// which the first three are the status: 40403 is its word that there is no such
// schema. A bare 404 may as well come from a wrong path, or from another server: it
// counts when what answers is known to be a registry.
func (a *api) fault(ctx context.Context, err error) error {
	var r *sr.ResponseError
	if errors.Is(err, errTooLong) {
		return datum.ErrTooLarge
	}
	if !errors.As(err, &r) {
		return &awayCause{explained(err)}
	}
	own := r.ErrorCode >= 10_000
	switch r.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired,
		http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return &awayCause{explained(err)}
	case http.StatusNotFound:
		if own || a.proven.Load() || a.ping(ctx) == nil {
			return errUnknown
		}
		return &awayCause{fmt.Errorf("%w; is kafka.schema_registry.url the address of the registry's API?", explained(err))}
	}
	if own && r.StatusCode >= 400 && r.StatusCode < 500 {
		return explained(err)
	}
	return &awayCause{explained(err)}
}

// explained says what an answer was that is none.
func explained(err error) error {
	var r *sr.ResponseError
	if !errors.As(err, &r) {
		return err
	}
	text := fmt.Sprintf("it answers %d %s", r.StatusCode, http.StatusText(r.StatusCode))
	if r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden {
		return errors.New(text + ": check kafka.schema_registry.username and password")
	}
	const most = 200
	said := strings.ToValidUTF8(strings.Join(strings.Fields(r.Error()), " "), "")
	if len(said) > most {
		said = strings.ToValidUTF8(said[:most], "") + "..."
	}
	if said != "" {
		text += ": " + said
	}
	return errors.New(text)
}
