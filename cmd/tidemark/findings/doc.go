// Package findings names what `tidemark check` can find. The names are outside contract:
// scripts read them, and check.ignore in a configuration holds them.
package findings
