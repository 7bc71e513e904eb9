package ask

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/tidemark/tidemark/views/api/problem"
)

// TypeForm is what a body holds that takes the place of a URL's parameters.
const TypeForm = "application/x-www-form-urlencoded"

// Parameters returns the parameters of a request as a URL has them: of its URL, and with POST
// of the form that is its body, which may be longer than a URL.
func Parameters(w http.ResponseWriter, r *http.Request, maxBody int64) (string, error) {
	raw := r.URL.RawQuery
	if r.Method != http.MethodPost {
		return raw, nil
	}
	const example = "send the parameters as a form, as curl does with --data-urlencode"
	body, err := Body(w, r, maxBody, example)
	if err != nil {
		return "", err
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); len(body) > 0 && (err != nil || kind != TypeForm) {
		return "", problem.BadRequest("bad-body", "Content-Type", "the body is not of the type "+TypeForm, example)
	}
	switch {
	case raw == "":
		return string(body), nil
	case len(body) == 0:
		return raw, nil
	}
	return raw + "&" + string(body), nil
}

// Body returns the body of a request; example says how one is written.
func Body(w http.ResponseWriter, r *http.Request, maxBody int64, example string) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, err
	}
	if err != nil {
		return nil, problem.BadRequest("bad-body", "", "the body ended before its length, or came too slowly", example)
	}
	return body, nil
}
