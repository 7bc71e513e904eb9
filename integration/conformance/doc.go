// Package conformance holds, as plain data, what a consumer of CDC topics must get right.
// scenarios/*/ has the table, the events in and the rows out of each case. README.md
// describes their form, so that other programs can run them too. The package's test runs
// all of them through broker, processor, batch, view and HTTP.
package conformance
