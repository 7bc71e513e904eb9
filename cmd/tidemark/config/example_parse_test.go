package config_test

import (
	"fmt"
	"os"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

func ExampleParse() {
	_, err := config.Parse("tidemark.yaml", []byte(`
kafka:
  broker: [localhost:9092]
`), os.LookupEnv)
	fmt.Println(err)
	// Output:
	// tidemark.yaml:2:1: tables is missing: a list of at least one table
	// tidemark.yaml:3:3: kafka.broker: unknown key; did you mean brokers?
	// tidemark.yaml:3:3: kafka: brokers is missing: a list of host:port, or embedded: true for a broker inside the process
}
