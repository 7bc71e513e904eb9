// Package checkup looks at a configuration, the brokers and the topics behind it
// before anything runs, and says what is wrong with a remedy for each.
//
// A Problem makes wrong rows, no rows, or lost ones. A Note is something that
// nobody can see from here, and that is worth knowing once.
package checkup
