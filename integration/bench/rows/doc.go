// Package rows measures the store: a table of ten columns with changes in its delta,
// asked what users ask, in the same run and on the same rows as DuckDB and PostgreSQL.
// Everything is made by Row, which is a function of the row's number.
package rows
