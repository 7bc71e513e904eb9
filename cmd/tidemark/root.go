package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/tables"
)

// program is what all commands share. Standard output is data, standard error talk.
type program struct {
	stdout, stderr io.Writer
	environment    config.Lookup
	configFile     string
	started        bool // a command's own work has begun: errors before that are wrong usage
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &program{stdout: stdout, stderr: stderr, environment: os.LookupEnv}
	ctx, stop := untilSignal(ctx)
	defer stop()
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !p.started {
		err = usage(fmt.Errorf("%w\nrun 'tidemark --help' for usage", err))
	}
	code := exitCode(err)
	if err != nil && code != exitDone {
		fmt.Fprintf(stderr, "tidemark: %v\n", err)
	}
	return code
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tidemark",
		Short: "Live tables from CDC topics in Kafka",
		Long: `Tidemark turns CDC topics in Kafka into live tables: the exact latest state of
every key, queryable over HTTP within milliseconds of the event.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 a check found problems.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRun: func(*cobra.Command, []string) {
			p.started = true
		},
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(unknownFlag)
	root.PersistentFlags().StringVarP(&p.configFile, "config", "c", "tidemark.yaml", "the configuration `file`")
	root.AddCommand(p.runCommand(), p.demoCommand(), p.initCommand(), p.checkCommand(), p.applyCommand(), p.getCommand(), p.batchCommand(), p.replayCommand(), p.verifyCommand(), p.deadLettersCommand(), p.versionCommand())
	return root
}

// load reads the configuration that -c names.
func (p *program) load() (*config.Config, error) {
	c, err := config.Load(p.configFile, p.environment)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; name another file with -c, or make one: %s > %s", err, "tidemark init --brokers <host:port> --topic <topic>", p.configFile)
	}
	if err != nil {
		return nil, usage(err)
	}
	return c, nil
}

// declared returns the table of a configuration that has a name.
func declared(c *config.Config, name string) (*tables.Table, error) {
	if t := c.Table(name); t != nil {
		return t, nil
	}
	return nil, notFound(fmt.Errorf("the configuration has no table %s", name))
}

// say writes a line of talk.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.stderr, format+"\n", args...)
}
