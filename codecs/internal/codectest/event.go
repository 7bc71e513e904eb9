package codectest

// EventKey and EventValue are an event as Debezium writes it, of an ordinary size.
const (
	EventKey   = `{"id":1234567}`
	EventValue = `{"before":null,"after":{"id":1234567,"customer_id":88123,"status":"shipped","total":"ALxhTg==","currency":"EUR","created_at":1709210096789012,"updated_at":1709210196789012,"note":"left at the door","address":"{\"city\": \"Lisbon\", \"zip\": \"1100-148\"}"},"source":{"version":"3.7.0.Final","connector":"postgresql","name":"shop","ts_ms":1795328240450,"snapshot":"false","db":"shop","sequence":"[\"23798872\",\"23798872\"]","ts_us":1795328240450799,"ts_ns":1795328240450799000,"schema":"public","table":"orders","txId":935,"lsn":23798872,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":"u","ts_ms":1795328240909,"ts_us":1795328240909567,"ts_ns":1795328240909567533}`
)
