package peers

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/events"
)

// Watch makes the death of an instance known at once. Each listens on an address,
// which is in the client id of its member of the group, and keeps a connection
// to every other. When one ends and the address refuses connections, the process is
// gone: that is evidence, not a timeout. So it is when another process of the same host
// answers there. The process that sees it makes the dead member leave the group, and its partitions
// move. A host that is gone refuses nothing; then the session's timeout decides, as
// without peers.
type Watch struct {
	listener net.Listener
	addr     string
	self     processName
	group    string
	admin    *kgo.Client
	events   *events.Listener

	conns  connections
	silent time.Duration // that others' connections may be
	wg     sync.WaitGroup

	mu       sync.Mutex
	watching map[string]struct{} // by member id
}

// LookEvery is how often the group is asked for new members.
const LookEvery = time.Second

// Open listens on the address; nil when there is none.
func Open(addr, group string, admin *kgo.Client, report *events.Listener) (*Watch, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for peers: %w", err)
	}
	return &Watch{
		listener: l, addr: l.Addr().String(), self: newName(), group: group, admin: admin, events: report, silent: servedSilent,
		watching: map[string]struct{}{}, conns: connections{open: map[net.Conn]struct{}{}},
	}, nil
}

// Mark returns the client id that gives name and address to the others.
func (p *Watch) Mark(clientID string) string {
	if p == nil {
		return clientID
	}
	return markOf(clientID, p.self, p.addr)
}

// Run serves and watches until the context is over.
func (p *Watch) Run(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.wg.Go(p.serve)
	tick := time.NewTicker(LookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		p.look(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return nil
}

// Close stops listening. The member must have left the group before: from now on the
// others find connections refused.
func (p *Watch) Close() {
	if p == nil {
		return
	}
	_ = p.listener.Close()
	p.conns.close()
	p.wg.Wait()
}

// look finds the group's other members and begins to watch the new ones.
func (p *Watch) look(ctx context.Context) {
	ctx2, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	groups, err := kadm.NewClient(p.admin).DescribeGroups(ctx2, p.group)
	if err != nil {
		p.events.PeersNotSeen(events.PeersNotSeen{Err: err})
		return
	}
	for _, m := range groups[p.group].Members {
		name, addr, ok := parseMark(m.ClientID)
		switch {
		case !ok || name == p.self || addr == p.addr && !p.self.replaces(name):
			continue // no peer, ourselves, or another process that says that it is here
		case addr == p.addr: // it was here: the address is ours now
			p.evict(ctx, m.MemberID, addr, "another process has its address")
			continue
		}
		if id := m.MemberID; p.begin(id) {
			p.wg.Go(func() { p.watch(ctx, id, name, addr) })
		}
	}
}

func (p *Watch) begin(member string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.watching[member]; ok || p.conns.over() {
		return false
	}
	p.watching[member] = struct{}{}
	return true
}

func (p *Watch) end(member string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watching, member)
}
