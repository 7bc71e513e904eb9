package config_test

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// TestKeysAreTheKnownOnes writes each key into a file: none of them is unknown,
// and one beside it is.
func TestKeysAreTheKnownOnes(t *testing.T) {
	for _, key := range config.Keys() {
		text, end := "", ""
		for part := range strings.SplitSeq(key, ".") {
			name, list := strings.CutSuffix(part, "[]")
			text += "{" + name + ": "
			end = "}" + end
			if list {
				text += "["
				end = "]" + end
			}
		}
		if _, err := config.Parse("x", []byte(text+"1"+end), environment); err == nil || strings.Contains(err.Error(), "unknown key") {
			t.Errorf("%s: %v", key, err)
		}
		wrong := strings.Replace(text, ": 1", "", 1)
		at := strings.LastIndex(wrong, "{")
		if _, err := config.Parse("x", []byte(wrong[:at]+"{zzz: 1"+end), environment); err == nil || !strings.Contains(err.Error(), "zzz: unknown key") {
			t.Errorf("%s beside an unknown one: %v", key, err)
		}
	}
}
