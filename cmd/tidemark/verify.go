package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/verify"
	"github.com/tidemark/tidemark/tables"
)

// verifyFlags are the flags of the command verify.
type verifyFlags struct {
	source, table string
	settle        time.Duration
	most          int
	enough        int  // differences that end it, 0 for the default
	uncompared    bool // columns that cannot be compared are accepted
}

func (p *program) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify <table>",
		Short: "Compare a table with its source database",
		Long: `Compares a table of a running process with the table in the source database
that it is made from, key by key and column by column, while both go on changing.
It only reads.

A difference counts when it is still there once the table has reached the position
that the database's log had after the row was read. Where the table has no event behind
that position, a difference counts when it is still there after no event has come for
as long as --settle says.

The exit code is 4 when there are differences, when the database's primary key is not
the table's key, and when a column could not be compared; --allow-uncompared accepts
columns that could not be.

When most rows differ it ends early, after 50,000 differences or as many as --limit
says, and tells how many rows differ in which column.`,
		Example: "  tidemark verify orders --source postgres://reader:secret@db:5432/shop\n" +
			"  tidemark verify orders --source mysql://reader:secret@db:3306/shop --source-table shop.orders -o json",
		Args: arguments,
	}
	address, format := remoteFlag(cmd), outputFlag(cmd)
	f.declare(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(cmd); err != nil {
			return usage(err)
		}
		return p.verifyTable(cmd.Context(), *address, args[0], f, *format)
	}
	return cmd
}

// verifyTable compares a declared table of the process at an address.
func (p *program) verifyTable(ctx context.Context, address, name string, f verifyFlags, format outputFormat) error {
	c, err := p.load()
	if err != nil {
		return err
	}
	t, err := declared(c, name)
	if err != nil {
		return err
	}
	r, err := p.connect(address)
	if err != nil {
		return err
	}
	return p.verify(ctx, r, t, f, format)
}

// declare makes the flags of the command.
func (f *verifyFlags) declare(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.source, "source", "", "the `address` of the database: postgres://... or mysql://...")
	cmd.Flags().StringVar(&f.table, "source-table", "", "the `name` of the table there; default: the end of the source topic's name")
	cmd.Flags().DurationVar(&f.settle, "settle", 10*time.Second, "how `long` no event must have come where a position cannot be reached, at most 30s")
	cmd.Flags().IntVar(&f.most, "limit", 100, "the `number` of differences to write; all are counted, unless most rows differ")
	cmd.Flags().BoolVar(&f.uncompared, "allow-uncompared", false, "accept columns that could not be compared: they are reported, and the exit code is 0")
}

// check reports the first flag that is wrong.
func (f *verifyFlags) check(cmd *cobra.Command) error {
	if f.source == "" {
		return fmt.Errorf("--source: %w", catalogue.ErrAddress)
	}
	if f.settle <= 0 || f.settle > 30*time.Second {
		return fmt.Errorf("--settle %s: want more than 0s, at most 30s", f.settle)
	}
	if f.most < 1 {
		return fmt.Errorf("--limit %d: want at least 1", f.most)
	}
	if cmd.Flags().Changed("limit") {
		f.enough = f.most
	}
	return nil
}

func (p *program) verify(ctx context.Context, r *remote, t *tables.Table, f verifyFlags, format outputFormat) error {
	database, err := verify.Open(ctx, f.source, f.table, t)
	if err != nil {
		return fmt.Errorf("--source: %w", err)
	}
	defer func() { _ = database.Close() }()
	total, err := database.Estimate(ctx)
	if err != nil {
		return fmt.Errorf("count the rows of %s: %w", database.Name(), err)
	}
	bar := p.bar("comparing " + t.Name)
	defer bar.end()
	report, err := verify.Run(ctx, verify.Options{
		Table: t, Database: database, Process: &verifyProcess{r: r, table: t, settle: f.settle},
		Settle: f.settle, Most: f.most, Enough: f.enough, Total: total,
		Progress: func(phase string, done, total int64) { bar.show(phase, done, total, "") },
	})
	if err != nil {
		return err
	}
	bar.end()
	if err := p.tell(report, format); err != nil {
		return err
	}
	if !report.Equal() || len(report.Skipped) > 0 && !f.uncompared {
		return errDiffers
	}
	return nil
}
