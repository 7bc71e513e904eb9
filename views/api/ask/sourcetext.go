package ask

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// SourceText writes a position in the log of a database as parseSource reads it. What that
// reads is the position or one a little before it in the same log. It is empty where the
// kind of database has no such text.
func SourceText(p tables.SourcePosition) string {
	switch p.Kind {
	case tables.SourcePostgres:
		return fmt.Sprintf("lsn=%d", p.Minor)
	case tables.SourceMySQL:
		text := fmt.Sprintf("file=%06d,pos=%d", p.Major, p.Minor) // the number counts, the name before it does not
		if p.Sub > 0 {
			text += fmt.Sprintf(",row=%d", p.Sub)
		}
		return text
	case tables.SourceSQLServer:
		commit, change := tables.SlotsOfSQLServer(p.Sub)
		return "commit_lsn=" + serverLSN(p.Major, commit) + ",change_lsn=" + serverLSN(p.Minor, change)
	case tables.SourceOracle:
		if p.Major == 0 {
			return "" // of an event without its commit
		}
		return fmt.Sprintf("scn=%d,commit_scn=%d", min(p.Minor, p.Major), p.Major) // an scn is never behind its commit
	}
	return ""
}

// serverLSN writes 00000027:00000758:0005.
func serverLSN(high uint64, slot uint16) string {
	text := hex.EncodeToString(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(nil, high), slot))
	return strings.Join([]string{text[:8], text[8:16], text[16:]}, ":")
}
