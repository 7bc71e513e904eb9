// Package catalogue reads what a source database says of its tables: the columns with their
// types, the keys, and which columns the database computes itself.
//
//	address --connect--> database --a few statements--> tables
//	                                                     ^
//	name of a topic, or what a record's source says -----+
//
// All tables are read by a fixed number of statements, however many there are. Nothing is written, and
// no table's rows are read. Passwords are in no error.
//
// It imports nothing of this module: what a connector makes of a type, and what a table becomes
// here, is said above.
//
// File map: connect.go opens a database by its address; catalogue.go has the nouns, and reads;
// postgres.go and mysql.go ask, and pgtypes.go and mytypes.go read the answers; match.go finds a table.
package catalogue
