package registry

import (
	"encoding/hex"
	"strings"
	"testing"
)

func guid(t *testing.T, text string) [16]byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != 16 {
		t.Fatalf("GUID %q: %v", text, err)
	}
	return [16]byte(b)
}

func TestSettingsAreChecked(t *testing.T) {
	for _, s := range []Settings{
		{URL: "http://localhost:8081"}, {URL: "https://registry.example/apis/ccompat/v7", Username: "u", Password: "p"},
	} {
		if err := s.Validate(); err != nil {
			t.Errorf("%v: %v", s, err)
		}
	}
	for _, c := range []struct {
		settings Settings
		says     string
	}{
		{Settings{}, "url"},
		{Settings{URL: "localhost:8081"}, "http://host:port"},
		{Settings{URL: "kafka://localhost"}, "http://host:port"},
		{Settings{URL: "http://"}, "http://host:port"},
		{Settings{URL: "http://u:secret@localhost"}, "username and password"},
		{Settings{URL: "http://localhost?a=b"}, "no query"},
		{Settings{URL: "http://localhost", Password: "p"}, "username"},
	} {
		err := c.settings.Validate()
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v, want something of %q", c.settings, err, c.says)
		}
	}
}
