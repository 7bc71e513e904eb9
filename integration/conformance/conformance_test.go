package conformance

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// scenariosVariable names another folder of scenarios to run instead.
const scenariosVariable = "TIDEMARK_SCENARIOS"

// processes is among how many the scenarios are divided. Each holds many tables:
// what one scenario does must not show in another.
const processes = 4

func scenarios(t *testing.T) []*Scenario {
	t.Helper()
	dir := "scenarios"
	if other := os.Getenv(scenariosVariable); other != "" {
		dir = other
	}
	all, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("no scenario in %s", dir)
	}
	return all
}

// TestScenarios runs every scenario, and then looks at its last expected rows
// again: after a batch, after a kill, and after a kill that loses all local files.
func TestScenarios(t *testing.T) {
	all := scenarios(t)
	cluster := harness.NewCluster(t)
	n := min(processes, len(all))
	for i := range n {
		var mine []*Scenario
		for j := i; j < len(all); j += n {
			mine = append(mine, all[j])
		}
		t.Run(fmt.Sprintf("process%d", i+1), func(t *testing.T) { runTogether(t, cluster, mine) })
	}
}

func runTogether(t *testing.T, cluster *harness.Cluster, mine []*Scenario) {
	var config harness.Config
	var runs []*run
	for _, s := range mine {
		topic := cluster.Topic(t, s.TableName(), s.Partitions)
		source := s.Table["source"].(map[string]any)
		source["topic"] = topic
		config.Tables = append(config.Tables, s.Table)
		runs = append(runs, &run{Scenario: s, cluster: cluster, topic: topic, saved: map[string]string{}})
	}
	config.Registry = startRegistry(t, mine)
	p := harness.Start(t, cluster, config)
	for _, r := range runs {
		r.process = p
	}
	for phase := 1; ; phase++ {
		each(t, fmt.Sprintf("phase%d", phase), runs, (*run).advance)
		if !restart(p, runs) {
			break
		}
	}
	holds := func(r *run, t *testing.T) { r.expect(t, r.final()) }
	each(t, "after a batch", runs, func(r *run, t *testing.T) {
		r.process.Batch(t, r.TableName())
		holds(r, t)
	})
	p.Kill()
	again(p)
	each(t, "after a kill", runs, holds)
	p.Kill()
	p.WipeData()
	again(p)
	each(t, "without local files", runs, holds)
}

// each does something with every scenario that has not failed, all at once.
func each(t *testing.T, name string, runs []*run, do func(*run, *testing.T)) {
	t.Run(name, func(t *testing.T) {
		for _, r := range runs {
			if r.failed {
				continue
			}
			t.Run(r.Name, func(t *testing.T) {
				t.Parallel()
				defer func() { r.failed = r.failed || t.Failed() }()
				do(r, t)
			})
		}
	})
}

// restart ends the process and starts it again for the scenarios that wait for
// that, those that keep the files first. It returns false when none waits.
func restart(p *harness.Process, runs []*run) bool {
	var wanted *Step
	for _, r := range runs {
		if s := r.pending(); s != nil && (wanted == nil || wanted.WipeData && !s.WipeData) {
			wanted = s
		}
	}
	if wanted == nil {
		return false
	}
	for _, r := range runs {
		if s := r.pending(); s != nil && s.Restart == wanted.Restart && s.WipeData == wanted.WipeData {
			r.next++
		}
	}
	if wanted.Restart == "kill" {
		p.Kill()
	} else {
		p.Stop()
	}
	if wanted.WipeData {
		p.WipeData()
	}
	again(p)
	return true
}

func again(p *harness.Process) {
	p.Start()
	p.WaitReady()
}

// Who runs a scenario elsewhere relies on what README.md says of its files.
func TestScenariosAreComplete(t *testing.T) {
	all := scenarios(t)
	if len(all) < 40 {
		t.Errorf("%d scenarios, want at least 40", len(all))
	}
	names := map[string]string{}
	origin := regexp.MustCompile(`^(documented|captured: .+)$`)
	for _, s := range all {
		if other, twice := names[s.TableName()]; twice {
			t.Errorf("%s: %s has the table %s, too", s.Name, other, s.TableName())
		}
		names[s.TableName()] = s.Name
		if !origin.MatchString(s.Origin) {
			t.Errorf("%s: origin is %q", s.Name, s.Origin)
		}
		used := map[string]bool{"scenario.json": true, s.Schemas: true}
		for _, step := range s.Steps {
			used[step.Produce], used[step.Expect] = true, true
		}
		files, err := os.ReadDir(s.path("."))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !used[f.Name()] {
				t.Errorf("%s: no step uses %s", s.Name, f.Name())
			}
		}
	}
}
