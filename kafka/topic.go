package kafka

import (
	"errors"
	"fmt"
)

// Topic is a topic as the brokers describe it.
type Topic struct {
	Name       string
	Partitions int32
	ID         [16]byte // zeros from brokers before 2.8; a topic that was recreated has another
}

// TopicID is the id that a header tells: zeros where it tells none.
func TopicID(header []byte) (id [16]byte) {
	copy(id[:], header)
	return id
}

// ErrNoSource is in the error when the source topic does not exist. It may
// appear later: a caller can wait and ask again.
var ErrNoSource = errors.New("the source topic does not exist")

// PartitionsError says that a topic has not as many partitions as it had or must have.
type PartitionsError struct {
	Topic     string
	Want, Got int32
	Source    bool // it is the source topic, which has changed
}

// Error says what is wrong and what can be done.
func (e *PartitionsError) Error() string {
	if e.Source {
		return fmt.Sprintf("topic %s has %d partitions and had %d: keys have moved between partitions, so the table must be built "+
			"anew: tidemark replay with --sweep", e.Topic, e.Got, e.Want)
	}
	return fmt.Sprintf("topic %s has %d partitions, the source topic asks for %d: when the source has got other partitions, build the "+
		"table anew by tidemark replay with --sweep; else delete the topic, so that it is made again", e.Topic, e.Got, e.Want)
}

// RecreatedError says that a topic was deleted and made again: its offsets mean something else now.
type RecreatedError struct {
	Topic   string
	Was, Is [16]byte
}

// Error says what is wrong and what can be done.
func (e *RecreatedError) Error() string {
	return fmt.Sprintf("topic %s was deleted and made again (its id was %x and is %x): the state belongs to the old one; "+
		"build the table anew by tidemark replay", e.Topic, e.Was, e.Is)
}

// PolicyError says that a topic would lose rows: its cleanup policy is not the one it needs.
type PolicyError struct{ Topic, Want, Got string }

// Error says what is wrong and what can be done.
func (e *PolicyError) Error() string {
	return fmt.Sprintf("topic %s has %s=%s and needs %s: set it, or rows are lost", e.Topic, keyPolicy, e.Got, e.Want)
}

// Since says whether t is still the topic that was seen before: a
// *RecreatedError or a *PartitionsError when it is not. An id of zeros says nothing.
func (t Topic) Since(before Topic) error {
	if t.ID != before.ID && t.ID != [16]byte{} && before.ID != [16]byte{} {
		return &RecreatedError{Topic: t.Name, Was: before.ID, Is: t.ID}
	}
	if t.Partitions != before.Partitions {
		return &PartitionsError{Topic: t.Name, Want: before.Partitions, Got: t.Partitions, Source: true}
	}
	return nil
}
