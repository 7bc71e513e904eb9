package kafka

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Settings say how to reach the brokers and how topics are named and made.
type Settings struct {
	Brokers  []string // host:port of some of the brokers, at least one
	TLS      TLS
	SASL     SASL
	ClientID string // what brokers log and meter by; "tidemark" when empty
	// TopicPrefix is before the name of every topic and group of ours.
	TopicPrefix string
	// ReplicationFactor of topics that are made: 1 or more, or -1 for the broker's
	// default, which 0 means too.
	ReplicationFactor int16
	// RowBytes is the largest row that a table holds, in bytes of its key and its state row;
	// 0 is DefaultRowBytes. The topics of tables are made to accept it.
	RowBytes int
}

const defaultClientID = "tidemark"

// maxPrefix leaves room for the longest table name and suffix in the 249
// characters that a topic's name may have.
const maxPrefix = 150

// Validate says what is wrong with the settings.
func (s Settings) Validate() error {
	var errs []error
	if len(s.Brokers) == 0 {
		errs = append(errs, errors.New("brokers: none is given, want at least one host:port"))
	}
	for i, b := range s.Brokers {
		if err := ValidBroker(b); err != nil {
			errs = append(errs, fmt.Errorf("brokers[%d]: %w", i, err))
		}
	}
	if err := s.TLS.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("tls: %w", err))
	}
	if err := s.SASL.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("sasl: %w", err))
	}
	if s.ReplicationFactor < -1 {
		errs = append(errs, fmt.Errorf("replication_factor: %d, want 1 or more, or -1 for the broker's default", s.ReplicationFactor))
	}
	if s.RowBytes != 0 && (s.RowBytes < LeastRowBytes || s.RowBytes > MostRowBytes) {
		errs = append(errs, fmt.Errorf("row bytes: %d, want %d to %d", s.RowBytes, LeastRowBytes, MostRowBytes))
	}
	if err := ValidPrefix(s.TopicPrefix); err != nil {
		errs = append(errs, fmt.Errorf("topic_prefix: %w", err))
	}
	return errors.Join(errs...)
}

// ValidBroker says whether the text is host:port.
func ValidBroker(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && host != "" {
		if n, perr := strconv.Atoi(port); perr == nil && n > 0 && n < 1<<16 {
			return nil
		}
	}
	return fmt.Errorf("%q is no host:port such as localhost:9092", addr)
}

// ValidPrefix says whether the text may be at the front of a topic's name.
func ValidPrefix(prefix string) error {
	if len(prefix) > maxPrefix {
		return fmt.Errorf("%d characters, at most %d are possible", len(prefix), maxPrefix)
	}
	if i := strings.IndexFunc(prefix, notInTopicName); i >= 0 {
		return fmt.Errorf("%q cannot begin a topic's name: use letters, digits, dots, underscores and hyphens", prefix)
	}
	return nil
}

// ValidTopic says whether the text can be the name of a topic.
func ValidTopic(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no topic's name", name)
	case len(name) > 249:
		return fmt.Errorf("a topic's name has at most 249 characters, this one has %d", len(name))
	case strings.ContainsFunc(name, notInTopicName):
		return fmt.Errorf("%q is no topic's name: use letters, digits, dots, underscores and hyphens", name)
	}
	return nil
}

func notInTopicName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
}

// Marked returns the settings with another client id, which is made from theirs.
func (s Settings) Marked(mark func(clientID string) string) Settings {
	s.ClientID = mark(s.clientID())
	return s
}

func (s Settings) clientID() string {
	if s.ClientID == "" {
		return defaultClientID
	}
	return s.ClientID
}
