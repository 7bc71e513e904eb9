package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// deadLetterFlags are the flags of the command deadletters.
type deadLetterFlags struct {
	partition int32
	offset    int64
	field     string
	limit     int
	oldest    bool
	all       bool
	wait      time.Duration
}

func (p *program) deadLettersCommand() *cobra.Command {
	var f deadLetterFlags
	cmd := &cobra.Command{
		Use:   "deadletters <table> [list|retry|drop]",
		Short: "List, retry or drop the records that could not be used",
		Long: `Works on the dead letters of a table: the records of the source topic that could
not be used, with the reason. Those that are settled are left out.

list writes them, the newest first. retry has the running processes decode them again,
with the configuration of today, and fold them at their own place in the source: what is
newer of the same key wins. drop settles them without any effect.

What retry tells of each: applied; older, something newer of its key is known; skipped,
it is an event of no row; failed, it still cannot be used; refused, nothing proves that
it is not outdated, and the table must be replayed instead. The last two stay.

The exit code is 1 when something stays or was not answered in time, 3 when --offset
names no dead letter.`,
		Example: "  tidemark deadletters orders\n  tidemark deadletters orders list --field after.total -o json\n" +
			"  tidemark deadletters orders retry\n  tidemark deadletters orders drop --partition 3 --offset 1204",
		Args:      arguments,
		ValidArgs: []string{"list", "retry", "drop"},
	}
	format := outputFlag(cmd)
	f.declare(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.validate(args); err != nil {
			return usage(err)
		}
		return p.deadLettersOf(cmd.Context(), args[0], action(args), f, *format)
	}
	return cmd
}

// deadLettersOf does what was asked for with the dead letters of a declared table.
func (p *program) deadLettersOf(ctx context.Context, name, action string, f deadLetterFlags, format outputFormat) error {
	c, err := p.load()
	if err != nil {
		return err
	}
	t, err := declared(c, name)
	if err != nil {
		return err
	}
	if err := embeddedConnection(c); err != nil {
		return err
	}
	live, err := generations.Live(ctx, c.Kafka.Settings, t)
	if err != nil {
		return err
	}
	return p.deadLetters(ctx, c.Kafka.Settings, live, action, f, format)
}

// declare makes the flags of the command.
func (f *deadLetterFlags) declare(cmd *cobra.Command) {
	cmd.Flags().Int32Var(&f.partition, "partition", -1, "only those of this partition of the source topic")
	cmd.Flags().Int64Var(&f.offset, "offset", -1, "only the one at this offset of the source topic")
	cmd.Flags().StringVar(&f.field, "field", "", "only those that failed at this `field`")
	cmd.Flags().IntVar(&f.limit, "limit", 100, "the `number` of dead letters that list writes")
	cmd.Flags().BoolVar(&f.oldest, "oldest", false, "list the oldest first")
	cmd.Flags().BoolVar(&f.all, "all", false, "drop all of them")
	cmd.Flags().DurationVar(&f.wait, "wait", time.Minute, "wait so `long` for retry and drop")
}

func action(args []string) string {
	if len(args) < 2 {
		return "list"
	}
	return args[1]
}

func (f *deadLetterFlags) validate(args []string) error {
	switch a := action(args); {
	case !slices.Contains([]string{"list", "retry", "drop"}, a):
		return fmt.Errorf("%q: want list, retry or drop", a)
	case f.limit < 1:
		return fmt.Errorf("--limit %d: want at least 1", f.limit)
	case f.wait <= 0:
		return fmt.Errorf("--wait %s: want a length of time", f.wait)
	case a == "drop" && !f.all && f.partition < 0 && f.offset < 0 && f.field == "":
		return errors.New("drop: say which with --partition, --offset or --field, or --all")
	}
	return nil
}

func (f *deadLetterFlags) query() deadletter.Query {
	q := deadletter.Query{Field: f.field, Clip: 4 * clipDeadLetter}
	if f.partition >= 0 {
		q.Partition = &f.partition
	}
	if f.offset >= 0 {
		q.Offset = &f.offset
	}
	return q
}

// clipDeadLetter is how many bytes of a key or a value a line shows.
const clipDeadLetter = 64

func (p *program) deadLetters(ctx context.Context, s kafka.Settings, t *tables.Table, action string, f deadLetterFlags, format outputFormat) error {
	q := f.query()
	if format == outputJSON && action == "list" {
		q.Clip = 0
	}
	stop := p.spin("reading the dead letters of " + t.Name)
	defer stop()
	deadLetters, err := deadletter.List(ctx, s, t, q)
	if err != nil && !errors.Is(err, kafka.ErrNoSource) { // no processor has run yet
		return err
	}
	stop()
	if len(deadLetters) == 0 && f.offset >= 0 {
		return notFound(fmt.Errorf("table %s has no dead letter at offset %d that is not settled", t.Name, f.offset))
	}
	p.say("%d dead letters of %s", len(deadLetters), t.Name)
	switch action {
	case "retry":
		return p.settle(ctx, s, t, wire.RetryDeadLetters, deadLetters, f.wait, format)
	case "drop":
		return p.settle(ctx, s, t, wire.DropDeadLetters, deadLetters, f.wait, format)
	}
	if !f.oldest {
		slices.Reverse(deadLetters)
	}
	deadLetters = deadLetters[:min(len(deadLetters), f.limit)]
	objects := make([]json.RawMessage, len(deadLetters))
	for i := range deadLetters {
		if objects[i], err = deadLetterObject(&deadLetters[i], format); err != nil {
			return err
		}
	}
	return format.write(p.stdout, []string{"topic", "partition", "offset", "time", "error", "key", "value"}, objects, false)
}

// settle has dead letters retried or dropped, and writes what became of each.
func (p *program) settle(ctx context.Context, s kafka.Settings, t *tables.Table, action wire.DeadLetterAction, deadLetters []deadletter.Entry, wait time.Duration, format outputFormat) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	step, stop := p.count("dead letters of "+t.Name, int64(len(deadLetters)))
	defer stop()
	var objects []json.RawMessage
	counts := map[string]int{}
	failed := deadletter.Settle(ctx, s, t, action, deadLetters, func(a deadletter.Answer) {
		step(1)
		counts[a.Result]++
		raw, err := json.Marshal(map[string]any{
			"topic": a.Topic, "partition": a.SourcePartition, "offset": a.Offset, "result": a.Result, "error": a.Error,
		})
		if err == nil {
			objects = append(objects, raw)
		}
	})
	stop()
	if err := format.write(p.stdout, []string{"topic", "partition", "offset", "result", "error"}, objects, false); err != nil {
		return err
	}
	if errors.Is(failed, deadletter.ErrUnanswered) {
		return fmt.Errorf("%w after %s; the request stays until a running process owns the partitions", failed, wait)
	}
	if failed != nil {
		return failed
	}
	if n := counts[deadletter.Failed] + counts[deadletter.Refused]; n > 0 {
		return fmt.Errorf("%d of %d dead letters stay", n, len(deadLetters))
	}
	return nil
}

// deadLetterObject is a dead letter as list writes it: whole as JSON, clipped otherwise.
func deadLetterObject(d *deadletter.Entry, format outputFormat) (json.RawMessage, error) {
	o := map[string]any{
		"topic": d.Topic, "partition": d.SourcePartition, "offset": d.Offset, "time": d.Time.Format(time.RFC3339Nano), "error": d.Error,
	}
	if format != outputJSON {
		o["key"], o["value"] = clipped(d.Key), clipped(d.Value)
		if d.Omitted > 0 {
			o["value"] = "(" + strconv.Itoa(d.Omitted) + " bytes, in the source topic)"
		}
		return json.Marshal(o)
	}
	headers := make([]map[string]any, 0, len(d.Headers))
	for _, h := range d.Headers {
		m := map[string]any{"name": h.Name}
		put(m, "value", h.Value)
		headers = append(headers, m)
	}
	o["field"], o["written"], o["headers"] = d.Field, d.Written.UTC().Format(time.RFC3339Nano), headers
	o["dead_letter"] = map[string]any{"partition": d.Partition, "offset": d.Place}
	put(o, "key", d.Key)
	put(o, "value", d.Value)
	if d.Result != "" {
		o["retried"] = d.Result
	}
	if d.Omitted > 0 {
		o["omitted_bytes"] = d.Omitted
	}
	return json.Marshal(o)
}

// put adds bytes as text, or under the name with _base64 where they are none; a Kafka null is null.
func put(o map[string]any, name string, b []byte) {
	switch {
	case b == nil:
		o[name] = nil
	case utf8.Valid(b):
		o[name] = string(b)
	default:
		o[name+"_base64"] = base64.StdEncoding.EncodeToString(b)
	}
}

func clipped(b []byte) string {
	if !utf8.Valid(b) && len(b) < 4*clipDeadLetter {
		return fmt.Sprintf("%x", b[:min(len(b), clipDeadLetter/2)])
	}
	runes := []rune(string(b))
	if len(runes) > clipDeadLetter {
		return string(runes[:clipDeadLetter]) + "..."
	}
	return string(runes)
}
