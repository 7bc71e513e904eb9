package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tidemark/tidemark/views/query"
)

// arguments checks a command's arguments against its line of usage: <name> is needed,
// [name] may be, and a name with dots may occur several times.
func arguments(cmd *cobra.Command, args []string) error {
	var needed []string
	most := 0
	flag := false
	for _, word := range strings.Fields(cmd.Use)[1:] {
		value := flag
		if flag = strings.HasPrefix(word, "-"); flag || value {
			continue // of a flag that is always needed
		}
		if strings.HasPrefix(word, "<") {
			needed = append(needed, strings.Trim(word, "<>."))
		}
		if most++; strings.HasSuffix(word, "...") {
			most = len(args) + 1
		}
	}
	if len(args) < len(needed) {
		missing := needed[len(args):]
		verb := "is"
		if len(missing) > 1 {
			verb = "are"
		}
		return fmt.Errorf("%s: the %s %s missing: %s", cmd.Name(), strings.Join(missing, " and the "), verb, cmd.CommandPath()[:len(cmd.CommandPath())-len(cmd.Name())]+cmd.Use)
	}
	if len(args) > most {
		return fmt.Errorf("%s: unexpected argument %q%s", cmd.Name(), args[most], belongsTo(cmd, args[most]))
	}
	return nil
}

// belongsTo ends a message about an argument that was meant for a flag before it, whose
// value can only come after an equals sign.
func belongsTo(cmd *cobra.Command, arg string) string {
	hint := ""
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.NoOptDefVal != "" && f.Value.String() == f.NoOptDefVal && hint == "" {
			hint = fmt.Sprintf("; did you mean --%s=%s?", f.Name, arg)
		}
	})
	return hint
}

// unknownCommand refuses what is no command, with the nearest one.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q%s", args[0], meant(args[0], names))
}

// unknownFlag adds the nearest flag to the error about one that there is not.
func unknownFlag(cmd *cobra.Command, err error) error {
	name, is := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !is {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	slices.Sort(names)
	if near := query.Nearest(name, names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

func meant(name string, names []string) string {
	if near := query.Nearest(name, names); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return ""
}
