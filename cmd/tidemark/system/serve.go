package system

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/events"
)

// drainWithin is how long answers that have begun may take once a stop was asked for.
const drainWithin = 5 * time.Second

// ErrInUse is in the error when something else listens on the port.
var ErrInUse = errors.New("the port is in use")

// listen opens the HTTP port before anything else is started: a port that is
// taken is reported at once.
func listen(h config.HTTP, log *slog.Logger) (net.Listener, error) {
	l, err := net.Listen("tcp", h.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: %w; stop what listens there, or choose another http.listen", h.Listen, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", h.Listen, err)
	}
	if h.CertFile == "" {
		return l, nil
	}
	pair, err := loadCertificate(h.CertFile, h.KeyFile, events.Log(log))
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("read http.tls: %w", err)
	}
	return tls.NewListener(l, &tls.Config{
		GetCertificate: pair.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}), nil
}

// serve answers requests until ctx ends, then lets those that have begun finish.
func serve(ctx context.Context, server *http.Server, l net.Listener, log *slog.Logger) error {
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		events.Log(log).RequestsCutOff(events.RequestsCutOff{Err: err})
		_ = server.Close()
	}
	<-failed
	return nil
}
