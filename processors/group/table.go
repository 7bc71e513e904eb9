package group

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

// Table is a table's part in the membership: its partitions are shared out among the members that have the table.
type Table struct {
	m       *Member
	o       TableOptions
	handler Handler
	running sync.WaitGroup // handlers

	offsets  *offsets
	intruder chan struct{} // the table's group has members; for one

	changelog *look[kafka.Topic]
	owners    *look[map[int32]lastOwner]
	group     *look[kadm.OffsetResponses]
}

// ErrTaken says that another processor of this process has the table.
var ErrTaken = errors.New("the partitions of the changelog are asked for by this process already")

// Run asks for the table's partitions until the context is over, and gives them back.
func (t *Table) Run(ctx context.Context) error {
	ended := make(chan struct{})
	committing, stop := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(ended)
		t.commitMoved(committing)
	}()
	defer func() {
		stop()
		<-ended
	}()
	for t.awaitEmpty(ctx) == nil {
		if err := t.m.subscribe(t); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-t.intruder:
		}
		t.m.unsubscribe(t)
		t.running.Wait()
	}
	return nil
}

// intrude says that the table's group has got members.
func (t *Table) intrude() {
	wake(t.intruder)
}

const emptyEvery = time.Second

// OldMembersError says that processes of a version without a common group work on the table.
type OldMembersError struct {
	Group   string
	Members int
}

// Error says what to do.
func (e *OldMembersError) Error() string {
	return fmt.Sprintf("the consumer group %s has %d members, which share its partitions among themselves: processes of an older "+
		"version, or a consumer of that group's name; the table is processed here when they have left", e.Group, e.Members)
}

// awaitEmpty waits until the table's group has no members: those of an older version of Tidemark own its partitions.
func (t *Table) awaitEmpty(ctx context.Context) error {
	select {
	case <-t.intruder:
	default:
	}
	for said := ""; ; {
		err := t.empty(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.o.Waits(err)
		if err == nil {
			return nil
		}
		if said != err.Error() {
			said = err.Error()
			t.o.Events.TableWaits(events.TableWaits{Err: err})
		}
		if retry.Pause(ctx, emptyEvery) != nil {
			return ctx.Err()
		}
	}
}

func (t *Table) empty(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	name := t.o.Names.Group
	groups, err := kadm.NewClient(t.o.Admin).DescribeGroups(ctx, name)
	if err == nil {
		err = groups[name].Err
	}
	switch {
	case errors.Is(err, kerr.GroupIDNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("look for members of the group %s: %w", name, err)
	}
	if n := len(groups[name].Members); n > 0 {
		return &OldMembersError{Group: name, Members: n}
	}
	return nil
}
