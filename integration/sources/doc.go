// Package sources has the tests against real databases and connectors: statements that
// write every type at its limits, the settings of connectors, and the table definitions
// that Tidemark uses for them. The tests run the built binary behind real connectors and
// compare each view with SELECT, column by column. Where a connector itself changes a
// value, testdata/ names the difference, and the test expects exactly that one.
//
// The tests need real servers and run with make test-real.
package sources
