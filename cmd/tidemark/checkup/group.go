package checkup

import (
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// Group is one finding about several subjects.
type Group struct {
	Finding
	Subjects []string
}

// Groups puts findings together that say the same of several subjects. Problems are
// before notes; else the order stays.
func Groups(fs []Finding) []Group {
	var out []Group
	places := map[Finding]int{}
	for _, f := range Sorted(fs) {
		alike := f
		alike.Subject = ""
		i, seen := places[alike]
		if !seen {
			i = len(out)
			places[alike] = i
			out = append(out, Group{Finding: f})
		}
		if !slices.Contains(out[i].Subjects, f.Subject) {
			out[i].Subjects = append(out[i].Subjects, f.Subject)
		}
	}
	return out
}

// Sorted returns the problems first.
func Sorted(fs []Finding) []Finding {
	out := slices.Clone(fs)
	slices.SortStableFunc(out, func(a, b Finding) int { return rank(a.Level) - rank(b.Level) })
	return out
}

func rank(l Level) int {
	if l == Problem {
		return 0
	}
	return 1
}

// Ignore takes out the notes that the configuration says were answered, and counts them.
// A problem stays, whatever the configuration says.
func Ignore(fs []Finding, answered []config.Ignored) (left []Finding, ignored int) {
	left = slices.DeleteFunc(slices.Clone(fs), func(f Finding) bool {
		return f.Level == Note && slices.ContainsFunc(answered, func(a config.Ignored) bool {
			return a.Finding == f.ID && (a.Table == "" || a.Table == f.Subject)
		})
	})
	return left, len(fs) - len(left)
}

// Count writes a number with its noun, in the singular for one.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
