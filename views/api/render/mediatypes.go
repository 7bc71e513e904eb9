package render

// The media types of answers, as header values: never changed.
var (
	TypeJSON    = []string{"application/json"}
	TypeProblem = []string{"application/problem+json"}
	TypeCSV     = []string{"text/csv; charset=utf-8; header=present"}
	TypeNDJSON  = []string{"application/x-ndjson"}
	TypeParquet = []string{"application/vnd.apache.parquet"}
	TypeArrow   = []string{"application/vnd.apache.arrow.stream"}
	TypeEvents  = []string{"text/event-stream"}
)
