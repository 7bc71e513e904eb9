package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Unreachable reports whether an error says that brokers could not be spoken to, and
// nothing of what they would have answered.
func Unreachable(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &op) || errors.As(err, &dns) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	text := err.Error()
	for _, sign := range []string{
		"unable to dial", "connection refused", "connection reset", "broken pipe", "i/o timeout", "EOF", "invalid large response size",
		"run out of available brokers", "no such host",
	} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// Explain says in a few words why brokers cannot be spoken to.
func Explain(brokers []string, err error) string {
	at := strings.Join(brokers, ", ")
	var dns *net.DNSError
	text := err.Error()
	switch {
	case strings.Contains(text, "invalid large response size"), strings.Contains(text, "message too big"):
		return fmt.Sprintf("what answers at %s does not speak Kafka's protocol: it may be the port of another server, such as "+
			"PostgreSQL's or one for HTTP, or want kafka.tls.enabled", at)
	case errors.As(err, &dns), strings.Contains(text, "no such host"):
		return fmt.Sprintf("Kafka at %s cannot be looked for: %v", at, hostOf(dns, text))
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "connection refused"):
		return fmt.Sprintf("Kafka at %s does not answer: refused", at)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), strings.Contains(text, "i/o timeout"):
		return fmt.Sprintf("Kafka at %s does not answer: nothing came in time", at)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(text, "EOF"), errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprintf("what answers at %s ended the connection: it may be no Kafka, or want kafka.tls or kafka.sasl", at)
	}
	return fmt.Sprintf("Kafka at %s does not answer: %v", at, err)
}

func hostOf(dns *net.DNSError, text string) string {
	if dns == nil {
		return text
	}
	return fmt.Sprintf("there is no host %s", dns.Name)
}
