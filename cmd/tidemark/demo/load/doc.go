// Package load makes the change events of a small shop as Debezium's PostgreSQL
// connector writes them without schemas: orders of about 670 bytes and customers.
// The same seed gives the same events. It feeds the demo, the tests and the
// benchmarks.
package load
