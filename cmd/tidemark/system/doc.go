// Package system wires the rooms together: it starts what a configuration asks
// for, joins it, and stops it in order.
//
//	system.go                    what is started, and in which order; the drawing
//	serve.go, certificate.go     the listener and its server
//	embedded.go, brokers.go      an embedded broker; whether brokers can be reached
//	peers.go                     where the other instances may watch this one
//	lock.go, private.go, disk*   the data directory
//	ready.go, logger.go,
//	loglimit.go                  what the log gets
//
// Generations of tables are run by package rollout, and shown to the API by package
// adapters; this package joins the two.
package system
