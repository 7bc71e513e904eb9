package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/tables"
)

// Finding is something about a topic that is wrong or unwise.
type Finding struct {
	Topic  string
	What   string // what was found
	Remedy string // what to do about it
	Err    error  // a *PartitionsError or *PolicyError, when a table cannot run like this
}

// Inspect says what is wrong with those of a table's topics that exist. It makes
// and changes nothing. The error holds ErrNoSource when the source topic does not exist.
func Inspect(ctx context.Context, s Settings, t *tables.Table) ([]Finding, error) {
	client, err := s.Client(Fresh())
	if err != nil {
		return nil, err
	}
	defer client.Close()
	source, err := Describe(ctx, client, t.Source.Topic)
	if err != nil {
		return nil, err
	}
	n := s.Names(t)
	if !t.Repartitioned() {
		return inspectTopics(ctx, client, n.layouts(source.Partitions, s))
	}
	keyed, err := Describe(ctx, client, n.Keyed)
	if errors.Is(err, ErrNoSource) {
		keyed.Partitions, err = source.Partitions, nil // none of them exists yet
	}
	if err != nil {
		return nil, err
	}
	return inspectTopics(ctx, client, append(n.layouts(keyed.Partitions, s), n.repartitionedLayouts(keyed.Partitions, s)...))
}

// inspectTopics compares the topics that exist with how they must be.
func inspectTopics(ctx context.Context, client *kgo.Client, all []layout) ([]Finding, error) {
	admin := kadm.NewClient(client)
	md, err := admin.Metadata(ctx, names(all)...)
	if err != nil {
		return nil, fmt.Errorf("describe the table's topics: %w", err)
	}
	var out []Finding
	var present []layout
	for _, l := range all {
		d, ok := md.Topics[l.name]
		if !ok || d.Err != nil {
			continue
		}
		present = append(present, l)
		if got := int32(len(d.Partitions)); got != l.partitions {
			e := &PartitionsError{Topic: l.name, Want: l.partitions, Got: got}
			out = append(out, Finding{Topic: l.name, What: e.Error(), Remedy: "when the source has got other partitions: tidemark replay with --sweep; else delete the topic, so that it is made again", Err: e})
		}
	}
	if len(present) == 0 {
		return out, nil
	}
	described, err := admin.DescribeTopicConfigs(ctx, names(present)...)
	if denied := new(kadm.AuthError); errors.As(err, &denied) {
		return append(out, Finding{
			Topic:  present[0].name,
			What:   fmt.Sprintf("the settings of the table's topics may not be read, so they were not checked: %v", err),
			Remedy: "allow DescribeConfigs on them",
		}), nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe the settings of the table's topics: %w", err)
	}
	for _, l := range present {
		rc, err := described.On(l.name, nil)
		if err == nil {
			err = rc.Err
		}
		if err != nil {
			return nil, fmt.Errorf("describe the settings of topic %s: %w", l.name, err)
		}
		out = append(out, l.compare(configValues(rc))...)
	}
	return out, nil
}

// configValues keeps the value that counts for each name: brokers may list a
// default before what overrides it.
func configValues(rc kadm.ResourceConfig) map[string]string {
	out := map[string]string{}
	for _, c := range rc.Configs {
		if c.Value != nil {
			out[c.Key] = *c.Value
		}
	}
	return out
}

// compare says how a topic's settings differ for the worse from the layout. A
// setting that the brokers do not report is taken to be right.
func (l layout) compare(got map[string]string) []Finding {
	var out []Finding
	if v, ok := got[keyPolicy]; ok && !l.policyFits(v) {
		e := &PolicyError{Topic: l.name, Want: l.configs[keyPolicy], Got: v}
		out = append(out, Finding{Topic: l.name, What: e.Error(), Remedy: l.set(keyPolicy), Err: e})
	}
	for _, k := range []string{keyCompactionLag, keyDeleteRetention, keyRetention, keyMaxBytes} {
		want, needed := l.configs[k]
		have, told := got[k]
		if needed && told && less(have, want) {
			out = append(out, Finding{
				Topic:  l.name,
				What:   fmt.Sprintf("topic %s has %s=%s, at least %s is needed", l.name, k, have, want),
				Remedy: l.set(k),
			})
		}
	}
	return out
}

// set is the command that gives a setting its value.
func (l layout) set(key string) string {
	return fmt.Sprintf("kafka-configs.sh --alter --entity-type topics --entity-name %s --add-config %s=%s", l.name, key, l.configs[key])
}

// policyFits: rows must never be deleted by age, control records must not be compacted away.
func (l layout) policyFits(policy string) bool {
	parts := strings.Split(policy, ",")
	return slices.Contains(parts, "compact") == l.compact && slices.Contains(parts, "delete") != l.compact
}

// less compares two settings in milliseconds or bytes; -1 is without end.
func less(have, want string) bool {
	h, err1 := strconv.ParseInt(have, 10, 64)
	w, err2 := strconv.ParseInt(want, 10, 64)
	if err1 != nil || err2 != nil || h == -1 {
		return false
	}
	return w == -1 || h < w
}
