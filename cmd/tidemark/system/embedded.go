package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidemark/tidemark/kafka/broker"
)

// addressFile keeps the address that the embedded broker took at its first start,
// so that producers find it there again.
const addressFile = "address"

// EmbeddedOptions say where the embedded broker keeps its data and which topics it
// makes, with how many partitions each.
type EmbeddedOptions struct {
	Dir    string
	Topics map[string]int32
	Logger *slog.Logger
}

// StartEmbedded starts the broker inside the process. At its first start it takes
// a free port of the loopback interface, and the same one from then on.
func StartEmbedded(ctx context.Context, o EmbeddedOptions) (*broker.Broker, error) {
	if err := keepPrivate(o.Dir); err != nil {
		return nil, fmt.Errorf("make the embedded broker's directory: %w", err)
	}
	path := filepath.Join(o.Dir, addressFile)
	known, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the embedded broker's address: %w", err)
	}
	b, err := broker.Start(ctx, broker.Options{
		Dir: o.Dir, Addr: strings.TrimSpace(string(known)), Topics: o.Topics, Logger: o.Logger,
	})
	switch {
	case errors.Is(err, broker.ErrPortBusy):
		return nil, fmt.Errorf("%w; remove %s to take another port", err, path)
	case err != nil:
		return nil, err
	}
	if err := os.WriteFile(path, []byte(b.Addrs()[0]+"\n"), 0o600); err != nil {
		_ = b.Close()
		return nil, fmt.Errorf("keep the embedded broker's address: %w", err)
	}
	return b, nil
}

// EmbeddedAddress returns the address of a broker that was started in the
// directory before, or nothing.
func EmbeddedAddress(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, addressFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
