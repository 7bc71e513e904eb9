// Package system wires the rooms together: it starts what a configuration asks
// for, joins it, and stops it in order. Nothing else imports both sides.
package system
