// Package datum reads Avro data and writes them as the JSON that Kafka Connect's
// converter would have written for the same record: null or the value for a union
// with null, base64 for bytes, NaN as text. Whoever understands a connector's JSON
// then understands its Avro, and no digit is lost on the way.
//
// A datum is read by the schema of its writer. What a reader has no use for is
// skipped, not written.
//
// The data are hostile: nothing here panics, and neither memory nor time grow
// beyond a constant factor of the datum, whatever counts and lengths it claims and
// however its schema is built.
package datum
