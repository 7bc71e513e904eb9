package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// Started says that a process runs.
type Started struct {
	Version, Listen string
	Brokers, Tables []string
	Processor, View bool // its roles
}

// Line implements hooks.Event.
func (e Started) Line() hooks.Line {
	return hooks.Info("started", "version", e.Version, "listen", e.Listen, "brokers", e.Brokers,
		"tables", e.Tables, "processor", e.Processor, "view", e.View)
}

// Ready says that every table of the process has come up to date or has stopped.
type Ready struct{ Text string } // a whole line: the last one of a start

// Line implements hooks.Event.
func (e Ready) Line() hooks.Line { return hooks.Info(e.Text) }

// Stopped says that a process has come to its end.
type Stopped struct{}

// Line implements hooks.Event.
func (e Stopped) Line() hooks.Line { return hooks.Info("stopped") }

// BrokersAway says that no broker answers.
type BrokersAway struct{ Text string } // which, and why

// Line implements hooks.Event.
func (e BrokersAway) Line() hooks.Line { return hooks.Warn(e.Text) }

// BrokersBack says that a broker answers again.
type BrokersBack struct{ Brokers []string }

// Line implements hooks.Event.
func (e BrokersBack) Line() hooks.Line {
	return hooks.Info("Kafka answers again", "brokers", e.Brokers)
}

// RegistryAway says that the schema registry does not answer.
type RegistryAway struct{ Err error }

// Line implements hooks.Event.
func (e RegistryAway) Line() hooks.Line { return hooks.Warn("schema registry away", "error", e.Err) }

// RegistryAnswers says that the schema registry answers again.
type RegistryAnswers struct{ Away time.Duration }

// Line implements hooks.Event.
func (e RegistryAnswers) Line() hooks.Line {
	return hooks.Info("schema registry answers again", "away", e.Away)
}

// CertificateRenewed says that connections get another certificate from now on.
type CertificateRenewed struct{ File string }

// Line implements hooks.Event.
func (e CertificateRenewed) Line() hooks.Line {
	return hooks.Info("the certificate was renewed", "file", e.File)
}

// CertificateNotRead says that the files of the certificate have changed and are no pair.
type CertificateNotRead struct{ Err error }

// Line implements hooks.Event.
func (e CertificateNotRead) Line() hooks.Line {
	return hooks.Warn("the renewed certificate cannot be read; the one before is still used", "error", e.Err)
}

// RequestsCutOff says that answers had not ended when the process did.
type RequestsCutOff struct{ Err error }

// Line implements hooks.Event.
func (e RequestsCutOff) Line() hooks.Line {
	return hooks.Warn("requests were cut off", "error", e.Err)
}

// TopicUnwise says what should be different about a topic that exists already.
type TopicUnwise struct{ Table, Topic, Found, Remedy string }

// Line implements hooks.Event.
func (e TopicUnwise) Line() hooks.Line {
	return hooks.Warn("topic should be set up differently", "table", e.Table, "topic", e.Topic, "found", e.Found, "remedy", e.Remedy)
}

// TopicsNotInspected says that a table's topics could not be looked at.
type TopicsNotInspected struct {
	Table string
	Err   error
}

// Line implements hooks.Event.
func (e TopicsNotInspected) Line() hooks.Line {
	return hooks.Debug("topics not inspected", "table", e.Table, "error", e.Err)
}
