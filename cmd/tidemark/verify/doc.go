// Package verify compares a table with the source table in its database, key by
// key and column by column, while both continue changing.
//
//	database --pages by key--> compare <--lookups-- running process
//	              |               |
//	              |            suspects: keys that looked different
//	              v               v
//	    hashes of keys --> keys that only the process has --> suspects
//	                              |
//	          position of the database, rows anew, the process at or past it
//	                              v
//	                         differences
//
// Two systems that are read one after the other always look different somewhere. So
// the first look only makes suspects. A suspect is a difference when it is still there
// once the process has reached the position that the database had after the row was
// read, and the row in the database has not changed meanwhile.
package verify
