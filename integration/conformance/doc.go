// Package conformance holds what a consumer of CDC topics must get right, as plain
// data: scenarios/*/ has the table, the events in and the rows out of each case,
// and README.md their form, so that others can run them too. The package's test
// runs them all through broker, processor, batch, view and HTTP.
package conformance
