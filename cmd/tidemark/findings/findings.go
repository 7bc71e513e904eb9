package findings

// ID is the stable name of one kind of finding.
type ID string

// What can be found about a configuration, the brokers and a table's topics.
const (
	Configuration ID = "configuration"
	DataDir       ID = "data-dir"
	BrokerAway    ID = "broker-away"
	EmbeddedAway  ID = "embedded-broker-away"
	RegistryAway  ID = "registry-away"
	Unreadable    ID = "unreadable"
	SourceMissing ID = "source-missing"
	TopicSettings ID = "topic-settings"
	Changed       ID = "definition-changed"
	RowsDropped   ID = "rows-dropped"
	RowsCarried   ID = "rows-carried"
	DeadLetters   ID = "dead-letters"
)

// What can be found in a sample of the records.
const (
	NoRecords       ID = "no-records"
	RecordsGone     ID = "records-gone"
	Partitioner     ID = "partitioner"
	Decoder         ID = "decoder"
	Undecodable     ID = "undecodable"
	ColumnsAbsent   ID = "columns-absent"
	ColumnGone      ID = "column-gone"
	TypeChanged     ID = "type-changed"
	MembersUnread   ID = "members-unread"
	SeveralTables   ID = "several-tables"
	ValuesNulled    ID = "values-nulled"
	DeletesKeyless  ID = "deletes-keyless"
	KeyShort        ID = "key-short"
	NoDeletes       ID = "no-deletes"
	TruncateUnseen  ID = "truncate-unseen"
	TruncateDropped ID = "truncate-dropped"
	NoSchema        ID = "no-schema"

	ScaleUnseen       ID = "scale-unseen"
	EncodingOverruled ID = "encoding-overruled"
	FromSchema        ID = "columns-from-schema"
)

// What a connector's settings take from columns.
const (
	LossDefault      ID = "loss-null-default"
	LossNaN          ID = "loss-nan"
	LossMilliseconds ID = "loss-milliseconds"
	LossNanoseconds  ID = "loss-nanoseconds"
	LossInterval     ID = "loss-interval"
	LossEndOfDay     ID = "loss-end-of-day"
)

// Kind is what is known of a finding before it is found.
type Kind struct {
	ID ID
	// Note is true when it can be a note. Only notes can be ignored: a problem makes
	// wrong rows, no rows or lost ones, whoever has read it.
	Note bool
}

// All lists every finding, in the order in which they are documented.
func All() []Kind {
	return []Kind{
		{Configuration, false}, {DataDir, false}, {BrokerAway, false}, {EmbeddedAway, true}, {RegistryAway, false},
		{Unreadable, false}, {SourceMissing, false}, {TopicSettings, false}, {Changed, true}, {RowsDropped, true},
		{RowsCarried, true}, {DeadLetters, false},
		{NoRecords, true}, {RecordsGone, true}, {Partitioner, false}, {Decoder, false}, {Undecodable, false},
		{ColumnsAbsent, false}, {ColumnGone, false}, {TypeChanged, true}, {MembersUnread, true}, {SeveralTables, false},
		{ValuesNulled, true}, {DeletesKeyless, true}, {KeyShort, true}, {NoDeletes, false},
		{TruncateUnseen, true}, {TruncateDropped, true}, {NoSchema, true}, {ScaleUnseen, true}, {EncodingOverruled, true},
		{FromSchema, true},
		{LossDefault, true}, {LossNaN, true}, {LossMilliseconds, true}, {LossNanoseconds, true}, {LossInterval, true}, {LossEndOfDay, true},
	}
}

// Notes lists the findings that can be ignored.
func Notes() []string {
	var out []string
	for _, k := range All() {
		if k.Note {
			out = append(out, string(k.ID))
		}
	}
	return out
}

// Known reports whether there is a finding of that name, and whether it can be a note.
func Known(name string) (known, note bool) {
	for _, k := range All() {
		if string(k.ID) == name {
			return true, k.Note
		}
	}
	return false, false
}
