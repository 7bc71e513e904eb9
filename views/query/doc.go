// Package query has the noun of the read side, a Query, and its parser: the
// filter grammar of PostgREST over the parameters of a URL.
//
//	Query, Expr, Output, Order   what the store executes
//	Request                      a Query with what concerns the answer: cursor, as_of, document, numbers,
//	                             explain
//	Parse                        the parameters of a URL and a table -> Request
//	Matcher, Like.Matcher        a filter, and a pattern, compiled for many rows
//	Error                        what is wrong with them: which parameter, what was expected, the nearest name
//
// The grammar, in short:
//
//	<column>=[not.]<op>.<value>     eq neq gt gte lt lte like ilike in.(a,"b,c") is.null|not_null|true|false
//	and=(...) or=(...) not.and=(...) not.or=(...)
//	  inside:  column.[not.]op.value   [not.]and(...)   [not.]or(...)
//	select=id,alias:column,*,count(),n:total.sum()
//	order=column[.asc|.desc][.nullsfirst|.nullslast],...
//	limit, offset, cursor, limit_by=a,b:3, as_of=<batch>, document=true, numbers=string, explain=true
//
// A name in double quotes is always a column: "limit"=eq.5 filters a column that
// has the name of a parameter. Quotes let a name or a value hold the characters
// , . : ( ) inside a list or a tree. In quotes, a backslash escapes the next
// character. Outside of lists and trees a value is taken literally, including its quotes.
//
// Of a repeated parameter that is no filter, the last one counts.
package query
