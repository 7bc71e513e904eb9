package kafka

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"

	"github.com/xdg-go/scram"
)

// scramHash returns the hash that the mechanism is named after.
func scramHash(mechanism string) scram.HashGeneratorFcn {
	if mechanism == ScramSHA512 {
		return sha512.New
	}
	return sha256.New
}

// scramConversation is the exchange that sarama asks its user to bring along.
type scramConversation struct {
	hash scram.HashGeneratorFcn
	conv *scram.ClientConversation
}

// Begin starts an exchange.
func (s *scramConversation) Begin(user, password, authzID string) error {
	c, err := s.hash.NewClient(user, password, authzID)
	if err != nil {
		return fmt.Errorf("prepare SCRAM credentials: %w", err)
	}
	s.conv = c.NewConversation()
	return nil
}

// Step answers one challenge of the broker.
func (s *scramConversation) Step(challenge string) (string, error) { return s.conv.Step(challenge) }

// Done reports whether the exchange is over.
func (s *scramConversation) Done() bool { return s.conv.Done() }
