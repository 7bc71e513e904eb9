package registry

import (
	"errors"
	"fmt"
	"net/url"
)

// Settings say where the registry is. The zero value is no registry.
type Settings struct {
	URL      string // http or https, with a path where the API is not at the root
	Username string // empty when it asks nobody who they are
	Password string
}

// Validate says what is wrong with the settings.
func (s Settings) Validate() error {
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		return errors.New("url: none is given")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("url: %q, want http://host:port or https://host:port", redacted(s.URL))
	case u.User != nil:
		return errors.New("url: it holds a user; give username and password keys of their own")
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("url: %q, want no query and no fragment", s.URL)
	case s.Username == "" && s.Password != "":
		return errors.New("password: there is no username beside it")
	}
	return nil
}

// redacted returns a URL without what may be a secret in it.
func redacted(s string) string {
	if u, err := url.Parse(s); err == nil {
		return u.Redacted()
	}
	return "..."
}
