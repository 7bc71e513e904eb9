package cdc

import (
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/tables"
)

// Decoder turns the records of one table's source topic into changes. It is not
// safe for concurrent use: each partition has its own.
type Decoder interface {
	// Decode fills c from r, all of it; the slice of c's values is used again when
	// it is long enough, so whoever keeps the values of a change gives the next one
	// another slice. The change's document may alias the record's bytes; its values
	// and keys never do. An error for which errors.Is(err, ErrUnavailable) says
	// nothing of the record: it is to be decoded again later, and those behind it in its
	// partition wait. Any other is an *Error: the record goes to the dead letters.
	Decode(r *codecs.Record, c *tables.Change) error
}

// Options are what a decoder needs beside its table.
type Options struct {
	Schemas avro.Schemas // for Avro; other formats need none

	// declared are the table's columns where a decoder finds some of them only: all of them
	// say how a record is to be read.
	declared []tables.Column
}

// of returns all columns of a table whose own are perhaps some of them.
func (o Options) of(t *tables.Table) *tables.Table {
	if o.declared == nil {
		return t
	}
	whole := *t
	whole.Columns = o.declared
	return &whole
}

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
