// Package integration holds the end-to-end suite. It runs the built binary against a
// broker and reads over HTTP. The broker is embedded, or the one that TIDEMARK_KAFKA names.
package integration
