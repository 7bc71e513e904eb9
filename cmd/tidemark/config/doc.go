// Package config reads tidemark.yaml. It is strict: an unknown key, a duplicate
// name, a bad type or an impossible combination is a Fault with file, line and
// column, and all of them are reported at once.
//
// A key of the documented configuration whose feature this version does not have
// is a fault too, with a text that says so: nothing that was asked for is ignored.
//
// File map: load.go is the way in; read.go and scalar.go turn YAML nodes into
// values; environment.go fills in ${VAR}; include.go finds the files that one
// includes, and listing.go keeps the names of all of them apart; one file per
// section of the file.
package config
