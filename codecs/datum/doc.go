// Package datum reads Avro data and writes them as the JSON that Kafka Connect's
// converter writes for the same record: null or the bare value for a union with null,
// base64 for bytes, NaN as text. So the code that reads a connector's JSON also reads
// its Avro, and no digit is lost.
//
// A datum is read by the schema of its writer. Members that the reader does not need are
// skipped and not written.
//
// The data are hostile. Nothing here panics. Memory and time stay within a constant
// factor of the datum's size, whatever counts and lengths it claims and however its
// schema is built.
package datum
