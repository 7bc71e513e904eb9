package registry

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options say how a client works. Settings must be given.
type Options struct {
	Settings   Settings
	Registerer prometheus.Registerer // default none
	Clock      func() time.Time      // default time.Now

	// Away and Answers are called when the registry ceases to answer, and when it does so again,
	// with how long it was away. They must return soon. Default: nothing is called.
	Away    func(error)
	Answers func(away time.Duration)

	// Patience is how long a caller waits for a schema; the request continues without
	// it, up to Timeout. Default 1 s.
	Patience time.Duration
	// Timeout bounds the requests for one schema. Default 10 s.
	Timeout time.Duration
	// MaxSchemas and MaxBytes bound what is kept: the number of schemas and the
	// length of their texts. Default 1,000 and 32 MiB.
	MaxSchemas int
	MaxBytes   int
	// Unknown is how long it is remembered that an ID has no schema. Default 5 s.
	Unknown time.Duration
}

// Validate says what is wrong with the options.
func (o *Options) Validate() error {
	if err := o.Settings.Validate(); err != nil {
		return fmt.Errorf("option Settings: %w", err)
	}
	for name, d := range map[string]time.Duration{"Patience": o.Patience, "Timeout": o.Timeout, "Unknown": o.Unknown} {
		if d < 0 {
			return fmt.Errorf("option %s: %s, want a positive duration", name, d)
		}
	}
	if o.MaxSchemas < 0 || o.MaxBytes < 0 {
		return fmt.Errorf("options MaxSchemas and MaxBytes: %d and %d, want positive numbers", o.MaxSchemas, o.MaxBytes)
	}
	return nil
}

func (o *Options) defaults() {
	if o.Away == nil {
		o.Away = func(error) {}
	}
	if o.Answers == nil {
		o.Answers = func(time.Duration) {}
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	positive(&o.Patience, time.Second)
	positive(&o.Timeout, 10*time.Second)
	positive(&o.Unknown, 5*time.Second)
	positive(&o.MaxSchemas, 1000)
	positive(&o.MaxBytes, 32<<20)
}

func positive[T int | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}
