package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
)

// typeForm is what a body holds that takes the place of a URL's parameters.
const typeForm = "application/x-www-form-urlencoded"

// asked returns the parameters of a request as a URL has them: of its URL, and with POST
// of the form that is its body, which may be longer than a URL.
func (a *API) asked(c *call) (string, error) {
	raw := c.r.URL.RawQuery
	if c.r.Method != http.MethodPost {
		return raw, nil
	}
	const example = "send the parameters as a form, as curl does with --data-urlencode"
	body, err := a.sent(c, example)
	if err != nil {
		return "", err
	}
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); len(body) > 0 && (err != nil || kind != typeForm) {
		return "", badRequest("bad-body", "Content-Type", "the body is not of the type "+typeForm, example)
	}
	switch {
	case raw == "":
		return string(body), nil
	case len(body) == 0:
		return raw, nil
	}
	return raw + "&" + string(body), nil
}

// sent returns the body of a request; example tells how one is written.
func (a *API) sent(c *call, example string) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, a.MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, err
	}
	if err != nil {
		return nil, badRequest("bad-body", "", "the body ended before its length, or came too slowly", example)
	}
	return body, nil
}
