package topics

import (
	"context"
	"errors"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Set is the topics that a view's rows belong to. When one of them is made again or gets
// more partitions, the rows are those of another set.
type Set struct {
	Source    kafka.Topic // that processors read
	Origin    kafka.Topic // the source's own: the same, or, without its partitions, the topic by keys
	Changelog kafka.Topic
}

var (
	// ErrGone says that the changelog was deleted. Its processors make it again.
	ErrGone = errors.New("the changelog was deleted")
	// ErrShrunk says that the changelog ends before what was read of it.
	ErrShrunk = errors.New("the changelog ends before what was read of it")
)

const askTimeout = 2 * time.Second

// Survey makes a table's topics where they are missing, and looks at them.
func Survey(ctx context.Context, p *logread.Pool, s kafka.Settings, table *tables.Table) (Set, error) {
	maker, err := p.Maker()
	if err != nil {
		return Set{}, err
	}
	source, err := kafka.EnsureBy(ctx, maker, s, table)
	if err != nil {
		return Set{}, err
	}
	client, err := Open(p, s)
	if err != nil {
		return Set{}, err
	}
	changelog, err := client.Describe(ctx, s.Names(table).Table)
	if err != nil {
		return Set{}, err
	}
	origin := source
	if table.Repartitioned() {
		if origin, err = client.Describe(ctx, table.Source.Topic); err != nil {
			return Set{}, err
		}
		origin.Partitions = 0 // it may get more, and nothing changes
	}
	return Set{Source: source, Origin: origin, Changelog: changelog}, nil
}

// Knows reports whether a record's offsets are of the changelog as it is: records
// of the topics beside it outlive one that is made again.
func (s Set) Knows(r Record) bool {
	return len(r.Changelog) != len(s.Changelog.ID) || [16]byte(r.Changelog) == s.Changelog.ID
}

// Watch asks again and again whether the topics are still the same ones. It returns why
// they are not, or when the context ends.
func (s Set) Watch(ctx context.Context, client *Client, every time.Duration) error {
	tick := time.NewTimer(0)
	defer tick.Stop()
	var suspect error
	for {
		tick.Reset(kafka.UntilTogether(every)) // with all other tables
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		err := s.same(ctx, client)
		if err != nil && suspect != nil {
			return err // seen twice: brokers that have just started may not know a topic yet
		}
		suspect = err
	}
}

// same compares the topics with those that there are. Brokers that do not answer
// say nothing.
func (s Set) same(ctx context.Context, client *Client) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	for i, before := range []kafka.Topic{s.Source, s.Origin, s.Changelog} {
		if i == 1 && s.Origin == s.Source {
			continue
		}
		now, err := client.Describe(ctx, before.Name)
		if before.Partitions == 0 {
			now.Partitions = 0
		}
		if errors.Is(err, kafka.ErrNoSource) && before == s.Changelog {
			return ErrGone
		}
		if errors.Is(err, kafka.ErrNoSource) {
			return err
		}
		if err != nil {
			return nil
		}
		if err := now.Since(before); err != nil {
			return err
		}
	}
	return nil
}
