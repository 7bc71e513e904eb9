// Package rows measures the store: a table of ten columns with changes in its delta. It
// runs the queries that users run, in the same run and over the same rows as DuckDB and
// PostgreSQL. All data come from Row, a function of the row's number.
package rows
