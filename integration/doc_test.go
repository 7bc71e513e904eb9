// Package integration holds the end-to-end suite: the built binary, a broker and
// HTTP. The broker is an embedded one, or the one that TIDEMARK_KAFKA names.
package integration
