package kafka

import (
	"errors"
	"fmt"
	"strings"
)

// The mechanisms by which a client can prove who it is.
const (
	Plain       = "plain"
	ScramSHA256 = "scram-sha-256"
	ScramSHA512 = "scram-sha-512"
)

// Mechanisms lists them, for suggestions.
func Mechanisms() []string { return []string{Plain, ScramSHA256, ScramSHA512} }

// SASL says who we are. The zero value is nobody: brokers that ask refuse.
type SASL struct {
	Mechanism string // one of Mechanisms, or empty
	Username  string
	Password  string
}

// Validate says what is wrong with the settings.
func (s SASL) Validate() error {
	if s.Mechanism == "" {
		if s != (SASL{}) {
			return errors.New("a username or a password is given, but no mechanism")
		}
		return nil
	}
	if s.Mechanism != Plain && s.Mechanism != ScramSHA256 && s.Mechanism != ScramSHA512 {
		return fmt.Errorf("%q is no mechanism; the mechanisms are %s", s.Mechanism, strings.Join(Mechanisms(), ", "))
	}
	if s.Username == "" || s.Password == "" {
		return errors.New("username and password are both needed")
	}
	return nil
}
