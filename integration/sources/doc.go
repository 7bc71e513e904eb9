// Package sources holds what is asked of real databases and connectors: statements that write every type at its
// edges, the settings of connectors, and what a table of Tidemark declares for them. Its tests run the built
// binary behind real connectors and compare each view with SELECT, column by column. Where a connector itself
// changes a value, testdata/ names the difference: exactly that one must be there.
//
// The tests need real servers and run with make test-real.
package sources
