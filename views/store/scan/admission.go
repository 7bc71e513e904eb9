package scan

import "context"

// Admission is asked before a query begins that may take long: it looks at many rows. It
// returns when there is room for one more, or with an error that ends the query. One query
// may ask more than once.
type Admission func(context.Context) error
