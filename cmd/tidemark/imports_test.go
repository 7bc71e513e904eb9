package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tidemark/tidemark/"

// room says what the packages of one room may import of the others.
type room struct {
	name string
	may  []string // rooms; tests of a room may import integration as well
	why  string
}

var rooms = []room{ // a package within another one comes before it
	{"tables", nil, "the nouns are a leaf: everybody can use them, and they depend on nothing"},
	{"codecs", []string{"tables"}, "bytes become nouns without knowing where they come from or go to"},
	{"hooks", nil, "what happens is told in one way, whatever it is and whoever listens"},
	{"localdb", nil, "both sides keep databases on disk, and prove and open them in one way"},
	{"kafka/broker", nil, "tests of every room use it, so it uses none of them"},
	{"kafka", []string{"tables"}, "both sides connect and name topics in one way, so this stands below both"},
	{"processors", []string{"codecs", "hooks", "kafka", "localdb", "tables"}, "the write side never reads what readers see: the two meet in topics"},
	{"views", []string{"codecs", "hooks", "kafka", "localdb", "tables"}, "the read side never asks the write side: the two meet in topics, so either can be deployed alone"},
	{"cmd/tidemark/demo/load", []string{"tables"}, "events are made without the code that reads them, or a mistake would hide itself"},
	{"cmd", []string{"views", "processors", "codecs", "kafka", "localdb", "tables", "kafka/broker", "cmd/tidemark/demo/load", "hooks"},
		"the wiring is the one place that knows both sides; the demo needs a broker and events"},
	{"integration", everywhere, "end-to-end tests may look everywhere"},
	{"docker", everywhere, "only tests are there"},
}

// codecsRooms says what each package of codecs may import of the others.
var codecsRooms = []room{
	{"codecs", nil, "every package speaks of records and errors, so these stand below all"},
	{"codecs/jsontext", nil, "JSON text is a leaf: it knows nothing of tables and events"},
	{"codecs/ticdc", []string{"codecs", "codecs/jsontext"}, "one protocol becomes the other without knowing what is decoded of it"},
	{"codecs/datum", nil, "Avro data are a leaf: what they mean is said above"},
	{"codecs/source", []string{"codecs/jsontext"}, "where an event is in its database's log needs nothing of its row"},
	{"codecs/filter", nil, "a condition knows rows, not where they come from"},
	{"codecs/wire", []string{"codecs"}, "our own bytes need nothing of the sources' formats"},
	{"codecs/convert", []string{"codecs/jsontext", "codecs/datum"}, "a value is made of text and meaning, whatever record it stands in"},
	{"codecs/extract", []string{"codecs", "codecs/jsontext"}, "paths lead through text, whatever the values mean"},
	{"codecs/registry", []string{"codecs", "codecs/datum"}, "a registry gives schemas, and who decodes is not its business"},
	{"codecs/avro", []string{"codecs", "codecs/convert", "codecs/datum"}, "Avro becomes JSON with meanings before a decoder sees it"},
	{"codecs/cdc", []string{"codecs", "codecs/avro", "codecs/convert", "codecs/datum", "codecs/extract", "codecs/filter", "codecs/jsontext", "codecs/source", "codecs/ticdc"}, "decoders stand on top, and know nothing of our own bytes"},
	{"codecs/evolve", []string{"codecs/convert", "codecs/extract", "codecs/filter", "codecs/jsontext", "codecs/wire"}, "rows of one definition become rows of another without a record of a source"},
	{"codecs/drift", []string{"codecs", "codecs/avro", "codecs/convert", "codecs/jsontext", "codecs/ticdc"}, "drift looks at records as they come"},
	{"codecs/internal/codectest", nil, "tests of every package of codecs use it, so it uses none of them"},
}

// processorsRooms says what each package of the write side may import of the others.
var processorsRooms = []room{
	{"processors", []string{"processors/apply", "processors/batch", "processors/bootstrap", "processors/bus", "processors/deadletter", "processors/driftwatch", "processors/events", "processors/feed", "processors/fold", "processors/gokaglue", "processors/group", "processors/health", "processors/instrument", "processors/intake", "processors/keychange", "processors/lease", "processors/outrun", "processors/peers", "processors/pending", "processors/progress", "processors/recovery", "processors/redelivery", "processors/repartition", "processors/rowwriter", "processors/seed", "processors/state", "processors/topicwatch", "processors/truncate"},
		"the partitions stand on top, and wire the others"},
	{"processors/apply", []string{"processors/bus", "processors/deadletter", "processors/events", "processors/fold", "processors/instrument", "processors/keychange", "processors/pending", "processors/rowwriter", "processors/state"}, "changes are folded without goka, and whoever has read them"},
	{"processors/batch", []string{"processors/bus", "processors/events", "processors/instrument", "processors/state"}, "a batch is made of the local state, whoever writes the rows and reads the barriers"},
	{"processors/bootstrap", []string{"processors/bus", "processors/events", "processors/instrument", "processors/recovery", "processors/rowwriter", "processors/seed", "processors/state"}, "a partition is filled without knowing how its source is read, and what a change does"},
	{"processors/bus", nil, "who is told of a control record is no business of what carries it"},
	{"processors/deadletter", []string{"processors/bus", "processors/events", "processors/instrument", "processors/rowwriter"}, "a dead letter is answered for without knowing what a change does"},
	{"processors/driftwatch", []string{"processors/events", "processors/health", "processors/instrument"}, "schemas are looked at whoever reads, and decodes, the records"},
	{"processors/events", nil, "what happens is a leaf: every room tells of it, and none is asked"},
	{"processors/feed", []string{"processors/bus", "processors/driftwatch", "processors/events", "processors/health", "processors/instrument", "processors/intake", "processors/pending", "processors/topicwatch"}, "topics are read in one order whoever folds what they have"},
	{"processors/gokaglue", []string{"processors/events", "processors/state"}, "goka is handled without knowing what is done with its messages"},
	{"processors/group", []string{"processors/events", "processors/lease"}, "the group says who owns a partition, whatever is done with it"},
	{"processors/health", []string{"processors/events"}, "counts and troubles are told by whoever meets them"},
	{"processors/instrument", nil, "every room counts, so what registers its metrics is a leaf"},
	{"processors/intake", []string{"processors/instrument", "processors/pending", "processors/state"}, "entries are made of records whoever feeds them"},
	{"processors/keychange", []string{"processors/bus", "processors/events", "processors/instrument", "processors/rowwriter", "processors/state"}, "values are carried along without folding what lacks them"},
	{"processors/lease", nil, "what may be written as a member is a leaf: whoever writes needs it, and not the group"},
	{"processors/outrun", []string{"processors/bus", "processors/events", "processors/instrument", "processors/rowwriter", "processors/state"}, "a row is given up whoever folds the rows, and whoever names the key"},
	{"processors/peers", []string{"processors/events"}, "a death is seen by addresses alone"},
	{"processors/pending", []string{"processors/health"}, "records wait in their order whoever reads them, and whatever is done with them"},
	{"processors/progress", []string{"processors/events", "processors/health"}, "how far a partition is, is told whoever reads and writes"},
	{"processors/recovery", []string{"processors/rowwriter", "processors/state"}, "a changelog is applied whoever reads it, and without knowing changes"},
	{"processors/redelivery", []string{"processors/bus", "processors/intake", "processors/pending"}, "a record is read once more whatever it is for"},
	{"processors/repartition", []string{"processors/events", "processors/instrument", "processors/seed"}, "repartitioning by keys knows no rows"},
	{"processors/rowwriter", []string{"processors/state"}, "rows are written without knowing what they come from"},
	{"processors/seed", nil, "a plan and an older changelog are read without a partition that fills"},
	{"processors/state", []string{"processors/events"}, "the local state knows neither changes nor topics"},
	{"processors/topicwatch", []string{"processors/events"}, "what topics were is known without what is done with their records"},
	{"processors/truncate", []string{"processors/bus", "processors/events", "processors/instrument", "processors/rowwriter", "processors/state"}, "a table is emptied without knowing how its source is read"},
	{"processors/fold", nil, "what a change does to a row is a pure function"},
}

// storeRooms says what each package of the store may import of the read side.
var storeRooms = []room{
	{"views/store", []string{"views/events", "views/query", "views/store/aggregate", "views/store/column", "views/store/merge", "views/store/mvcc", "views/store/paging", "views/store/persist", "views/store/scan"},
		"a store says who waits for whom and what is seen when, and wires the others"},
	{"views/store/aggregate", []string{"views/query", "views/store/column", "views/store/mvcc", "views/store/scan", "views/store/stop"}, "groups are made of the rows that a scan finds, whatever the filter was"},
	{"views/store/paging", []string{"views/query", "views/store/column", "views/store/filter", "views/store/mvcc", "views/store/scan", "views/store/stop"}, "the first rows of an order are kept without knowing aggregates, and asked of a scan"},
	{"views/store/scan", []string{"views/query", "views/store/column", "views/store/filter", "views/store/mvcc", "views/store/stop"}, "rows are found whatever is done with them"},
	{"views/store/filter", []string{"views/query", "views/store/column", "views/store/stop"}, "a filter decides by columns, and knows neither rows nor versions"},
	{"views/store/merge", []string{"views/query", "views/store/column", "views/store/mvcc"}, "a new base is made without knowing who waits for it"},
	{"views/store/mvcc", []string{"views/query", "views/store/column"}, "rows and versions stand on columns, and know no query but its order"},
	{"views/store/stop", nil, "that a query is over is a leaf: every loop of one asks"},
	{"views/store/column", nil, "forms of values in memory are a leaf: they know neither rows, versions nor queries"},
	{"views/store/persist", []string{"views/store/column", "views/store/persist/batchfile"}, "files have columns and a cut, whatever store they become a base of"},
	{"views/store/persist/batchfile", nil, "Parquet is written and read by column, whatever the columns lie in"},
}

// viewsRooms says what each other package of the read side may import of it.
var viewsRooms = []room{
	{"views", []string{"views/batches", "views/changes", "views/duplicates", "views/events", "views/progress", "views/replica", "views/rows", "views/store", "views/supervisor"},
		"a view is what readers ask, and nothing that keeps it current knows it"},
	{"views/supervisor", []string{"views/batches", "views/changelog", "views/events", "views/metrics", "views/progress", "views/replica", "views/rows", "views/store", "views/topics"},
		"replicas are run and shown without anybody who reads them"},
	{"views/replica", []string{"views/batches", "views/changelog", "views/changes", "views/duplicates", "views/events", "views/metrics", "views/progress", "views/rollup", "views/rows", "views/store", "views/topics"},
		"a state of the table is kept current without the view that shows it"},
	{"views/progress", []string{"views/events", "views/topics"}, "how far a view is, is known without its rows"},
	{"views/batches", []string{"views/events", "views/metrics", "views/store", "views/store/persist", "views/topics"}, "batches are collected and filed whoever reads their manifests and judges them"},
	{"views/duplicates", []string{"views/rows"}, "copies of keys are compared and kept whoever reads and shows them"},
	{"views/metrics", []string{"views/events", "views/store"}, "rooms count without a view"},
	{"views/rollup", []string{"views/changes", "views/events", "views/query", "views/store", "views/store/column"}, "rollups are tables of their own, made of rows before and after"},
	{"views/changes", []string{"views/query", "views/store"}, "changes are kept and told whoever writes them"},
	{"views/changelog", []string{"views/events"}, "the changelog is read whatever is done with its records"},
	{"views/rows", nil, "rows on disk are a leaf: bytes by key"},
	{"views/events", nil, "what happens is a leaf: every room tells of it, and none is asked"},
	{"views/topics", nil, "topics are read whatever is done with their records"},
	{"views/query", nil, "a query is made without the rows that it asks for"},
}

// rolloutRooms says what the packages that run generations may import of the program's.
var rolloutRooms = []room{
	{"cmd/tidemark/events", nil, "what happens is a leaf: every room tells of it, and none is asked"},
	{"cmd/tidemark/generations", []string{"cmd/tidemark/events"}, "the record of a table's generations says which there are, and runs none"},
	{"cmd/tidemark/schemacolumns", []string{"cmd/tidemark/generations", "cmd/tidemark/sample"}, "what the schema tells is read, and decides nothing"},
	{"cmd/tidemark/rollout", []string{"cmd/tidemark/schemacolumns", "cmd/tidemark/events", "cmd/tidemark/generations"}, "generations are run without knowing who is shown them"},
	{"cmd/tidemark/definitions", []string{"cmd/tidemark/checkup", "cmd/tidemark/schemacolumns", "cmd/tidemark/events", "cmd/tidemark/generations"}, "a change of a definition is asked for, and nothing is run"},
	{"cmd/tidemark/adapters", []string{"cmd/tidemark/generations", "cmd/tidemark/rollout"}, "generations become what the API serves, and nothing is started"},
	{"cmd/tidemark/system", []string{"cmd/tidemark/adapters", "cmd/tidemark/config", "cmd/tidemark/events", "cmd/tidemark/gcpacing", "cmd/tidemark/rollout"}, "the wiring stands above what it joins"},
}

// sourceRooms says what the packages that look at sources may import of the program's.
var sourceRooms = []room{
	{"cmd/tidemark/catalogue", nil, "what a database says of its tables is a leaf: who asks makes something of it"},
	{"cmd/tidemark/connector", []string{"cmd/tidemark/catalogue"}, "what connectors make of a type is known without records"},
	{"cmd/tidemark/proposal", []string{"cmd/tidemark/catalogue", "cmd/tidemark/connector", "cmd/tidemark/sample"}, "a proposal is made of what was read, whoever read it"},
	{"cmd/tidemark/verify", []string{"cmd/tidemark/catalogue"}, "rows are compared whoever declared them"},
}

// apiRooms says what each package of the API may import of the read side.
var apiRooms = []room{
	{"views/api/problem", []string{"views/query"}, "what an answer says of a mistake is a leaf: every room tells of problems"},
	{"views/api/guard", []string{"views/query", "views/api/problem"}, "who is let in is decided without what is asked for"},
	{"views/api/ask", []string{"views/query", "views/api/problem"}, "requests are read whatever is served"},
	{"views/api/render", []string{"views/query", "views/store", "views/api/problem"}, "answers are written whatever was asked for, and by whom"},
	{"views/api/live", []string{"views/query", "views/store", "views/changes", "views/api/ask", "views/api/problem", "views/api/render"}, "tables are what handlers work with, so they know no handlers"},
	{"views/api/web", []string{"views/api/ask", "views/api/guard", "views/api/live", "views/api/problem", "views/api/render", "views/events", "views/query", "views/store"}, "calls are taken to handlers without knowing one"},
	{"views/api/reads", []string{"views/query", "views/store", "views/api/ask", "views/api/live", "views/api/problem", "views/api/render", "views/api/web"}, "rooms of handlers do not know each other"},
	{"views/api/streams", []string{"views/query", "views/store", "views/changes", "views/api/ask", "views/api/live", "views/api/render", "views/api/web"}, "rooms of handlers do not know each other"},
	{"views/api/openapi", []string{"views/query", "views/api/ask", "views/api/live", "views/api/render", "views/api/web"}, "the API is described from its routes, not from what they do"},
	{"views/api", []string{"views/api/ask", "views/api/guard", "views/api/live", "views/api/openapi", "views/api/problem", "views/api/reads", "views/api/render", "views/api/streams", "views/api/web", "views/events", "views/query"},
		"the list of routes stands above all rooms"},
}

var everywhere = []string{"hooks", "integration", "cmd", "views", "processors", "codecs", "kafka", "localdb", "tables", "kafka/broker", "cmd/tidemark/demo/load"}

// foreign says which packages may name a library. A library that is to be replaced
// is then replaced in one place of each side.
var foreign = []struct {
	path string
	in   []string // packages of the module; tests, and integration, may name it too
	why  string
}{
	{"github.com/lovoo/goka", []string{"processors/gokaglue", "views/changelog"}, "its traps are closed once on each side"},
	{"github.com/IBM/sarama", []string{"kafka", "kafka/stream", "processors", "processors/gokaglue", "processors/driftwatch", "processors/feed", "processors/intake", "processors/redelivery", "views/changelog"}, "goka needs it, nothing else does"},
	{"github.com/syndtr/goleveldb", []string{"localdb", "processors/state", "views/rows"}, "each side has one kind of local store"},
	{"github.com/gorilla/mux", []string{"views/api"}, "routes are one screen"},
	{"github.com/twmb/franz-go/pkg/kfake", []string{"kafka/broker"}, "the embedded broker is guarded there"},
	{"github.com/twmb/avro", []string{"codecs/datum"}, "schemas are parsed there, and become types of ours"},
	{"github.com/twmb/franz-go/pkg/sr", []string{"codecs/registry"}, "what a registry's answers mean is decided once"},
	{"github.com/spf13/cobra", []string{"cmd/tidemark"}, "commands are made in one package"},
	{"github.com/alecthomas/participle", []string{"codecs/filter"}, "conditions are compiled once"},
	{"github.com/xdg-go/scram", []string{"kafka"}, "sarama asks its user for it"},
}

// eachImport calls fn for every import of every Go file of the module.
func eachImport(t *testing.T, fn func(file, dir, path string, test bool)) {
	t.Helper()
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root && d.Name() != ".." {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			fn(rel, filepath.ToSlash(filepath.Dir(rel)), imported, strings.HasSuffix(path, "_test.go"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were looked at", files)
	}
}

// inside reports whether a package is the room or in it.
func inside(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

func roomOf(dir string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return inside(dir, r.name) })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

func TestImportsRunOneWay(t *testing.T) {
	eachImport(t, func(file, dir, path string, test bool) {
		of, known := roomOf(dir)
		if !known {
			t.Errorf("%s is in no room: say in this test what it may import", file)
			return
		}
		to, ours := strings.CutPrefix(path, module)
		other, _ := roomOf(to)
		switch {
		case !ours, other.name == of.name:
		case test && (other.name == "integration" || other.name == "kafka/broker"):
		case !slices.Contains(of.may, other.name):
			t.Errorf("%s imports %s: %s", file, to, of.why)
		}
	})
}

func TestRoomsOfCodecs(t *testing.T) { checkRooms(t, "codecs", "codecs", codecsRooms) }

// TestRoomsOfProcessors keeps what a run is made of from knowing the run.
func TestRoomsOfProcessors(t *testing.T) { checkRooms(t, "processors", "processors", processorsRooms) }

func TestRoomsOfTheStore(t *testing.T) { checkRooms(t, "views/store", "views", storeRooms) }

// TestRoomsOfViews leaves out what serves a view to others.
func TestRoomsOfViews(t *testing.T) {
	checkRooms(t, "views", "views", append(viewsRooms, storeRooms...), "views/api")
}

// TestRoomsOfTheWiring keeps generations from knowing the API, and both from knowing the process.
func TestRoomsOfTheWiring(t *testing.T) {
	for _, r := range rolloutRooms {
		checkRooms(t, r.name, "cmd", []room{r})
	}
	eachImport(t, func(file, dir, path string, test bool) {
		if to, ours := strings.CutPrefix(path, module); ours && !test && dir == "cmd/tidemark/rollout" && inside(to, "views/api") {
			t.Errorf("%s imports %s: a generation is shown by whoever wires it", file, to)
		}
	})
}

func TestRoomsOfTheSources(t *testing.T) {
	for _, r := range sourceRooms {
		checkRooms(t, r.name, "cmd", []room{r})
	}
}

func TestRoomsOfTheAPI(t *testing.T) { checkRooms(t, "views/api", "views", apiRooms) }

// checkRooms compares what the packages in a hall import of a side with what their rooms may. Packages in
// rooms that stand apart are not looked at.
func checkRooms(t *testing.T, hall, side string, rooms []room, apart ...string) {
	t.Helper()
	met := map[string]bool{}
	eachImport(t, func(file, dir, path string, test bool) {
		if slices.ContainsFunc(apart, func(r string) bool { return inside(dir, r) }) {
			return
		}
		to, ours := strings.CutPrefix(path, module)
		if inside(dir, hall) {
			met[dir] = true
		}
		if test || !ours || !inside(dir, hall) || !inside(to, side) {
			return
		}
		i := slices.IndexFunc(rooms, func(r room) bool { return r.name == dir })
		switch {
		case i < 0:
			t.Errorf("%s is in no room of %s: say in this test what it may import", file, hall)
		case !slices.Contains(rooms[i].may, to):
			t.Errorf("%s imports %s: %s", file, to, rooms[i].why)
		}
	})
	for _, r := range rooms {
		if !met[r.name] {
			t.Errorf("%s imports nothing or is not there: take its rule out", r.name)
		}
	}
}

func TestTablesIsALeaf(t *testing.T) {
	eachImport(t, func(file, dir, path string, test bool) {
		if inside(dir, "tables") && !test && strings.Contains(path, ".") {
			t.Errorf("%s imports %s: tables needs the standard library only", file, path)
		}
	})
}

func TestLibrariesAreNamedInOnePlace(t *testing.T) {
	named := map[string]bool{}
	eachImport(t, func(file, dir, path string, test bool) {
		if test {
			return // tests break and compare what the libraries do
		}
		for _, l := range foreign {
			if path != l.path && !strings.HasPrefix(path, l.path+"/") {
				continue
			}
			named[l.path] = true
			if !inside(dir, "integration") && !slices.Contains(l.in, dir) {
				t.Errorf("%s imports %s: %s (%s)", file, path, l.why, strings.Join(l.in, ", "))
			}
		}
	})
	for _, l := range foreign {
		if !named[l.path] {
			t.Errorf("nobody imports %s: take the rule out", l.path)
		}
	}
}
