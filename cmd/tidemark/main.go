// Command tidemark turns CDC topics in Kafka into live tables, queryable over HTTP.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
