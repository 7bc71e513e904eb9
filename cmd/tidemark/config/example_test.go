package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// TestExampleFileIsRead loads the commented sample, also with what it holds as comments.
func TestExampleFileIsRead(t *testing.T) {
	text, err := os.ReadFile("../../../docs/tidemark.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("example", text, environment); err != nil {
		t.Error(err)
	}
	all := strings.NewReplacer("  # tls:", "  tls:", "  # sasl:", "  sasl:", "  # schema_registry:", "  schema_registry:", "  # auth:", "  auth:", "${KAFKA_PASSWORD}", "x", "${REGISTRY_PASSWORD}", "x").Replace(string(text))
	if _, err := config.Parse("example", []byte(all), environment); err != nil {
		t.Errorf("with the commented keys: %v", err)
	}
	for _, key := range config.Keys() {
		name := key[strings.LastIndexByte(key, '.')+1:]
		switch key {
		case "endpoints", "tables[].events": // not in this version
		default:
			if !strings.Contains(string(text), name+":") {
				t.Errorf("%s is not shown", key)
			}
		}
	}
}
