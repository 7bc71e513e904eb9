package codecs

// Why a record was skipped: the values of Change.Reason.
const (
	SkipTombstone    = "tombstone"     // a null value whose key is null, too
	SkipHeartbeat    = "heartbeat"     // a sign of life of the connector
	SkipTransaction  = "transaction"   // metadata of a transaction
	SkipSchemaChange = "schema_change" // DDL
	SkipMessage      = "message"       // a logical message, op m
	SkipNotification = "notification"
	SkipUnknownOp    = "unknown_op"
	SkipNoRow        = "no_row"      // a create or update without its row: the stored one stays
	SkipBootstrap    = "bootstrap"   // the beginning or the end of a bootstrap
	SkipSignal       = "signal"      // to a connector: a row of its signal table, or a message
	SkipOtherTable   = "other_table" // a message of another table than the declared one
)
