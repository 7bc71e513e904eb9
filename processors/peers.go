package processors

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// peers makes the death of an instance known at once. Each listens on an address,
// which stands in the client id of its member of the group, and keeps a connection
// to every other. When one ends and the address refuses connections, the process is
// gone: that is evidence, not a timeout. So it is when another process of the same host
// answers there. Whoever sees it makes the dead member leave the group, and its partitions
// move. A host that is gone refuses nothing; then the session's timeout decides, as
// without peers.
type peers struct {
	listener net.Listener
	addr     string
	self     peerName
	group    string
	admin    *kgo.Client
	logger   *slog.Logger

	mu       sync.Mutex
	closed   bool
	watching map[string]struct{}   // by member id
	conns    map[net.Conn]struct{} // to others and from them
	served   int                   // those from others
	silent   time.Duration         // that they may be
	wg       sync.WaitGroup
}

// What stands in a member's client id: nameMark, the process's name, peerMark, its address.
// Older instances have no name.
const (
	nameMark = "#"
	peerMark = "@"
)

// The pace of watching.
const (
	lookEvery     = time.Second // for new members
	peerDialLimit = time.Second
)

// openPeers listens on the address; nil when there is none.
func openPeers(addr, group string, admin *kgo.Client, logger *slog.Logger) (*peers, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for peers: %w", err)
	}
	return &peers{
		listener: l, addr: l.Addr().String(), self: newPeerName(), group: group, admin: admin, logger: logger, silent: servedSilent,
		watching: map[string]struct{}{}, conns: map[net.Conn]struct{}{},
	}, nil
}

// mark returns the client id that tells name and address to the others.
func (p *peers) mark(clientID string) string {
	if p == nil {
		return clientID
	}
	return clientID + nameMark + string(p.self) + peerMark + p.addr
}

// parseMark reads a client id as mark makes it, or as it was made without a name.
func parseMark(clientID string) (name peerName, addr string, ok bool) {
	at := strings.LastIndex(clientID, peerMark)
	if at < 0 {
		return "", "", false
	}
	addr, clientID = clientID[at+1:], clientID[:at]
	if at := strings.LastIndex(clientID, nameMark); at >= 0 && len(clientID)-at-1 == peerNameSize {
		name = peerName(clientID[at+1:])
	}
	return name, addr, true
}

// run serves and watches until the context is over.
func (p *peers) run(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.wg.Go(p.serve)
	tick := time.NewTicker(lookEvery)
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

// close stops listening. The member must have left the group before: from now on the
// others find connections refused.
func (p *peers) close() {
	if p == nil {
		return
	}
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// hold keeps a connection to be closed with the rest. It reports whether that is not yet so.
func (p *peers) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *peers) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// look finds the group's other members and begins to watch the new ones.
func (p *peers) look(ctx context.Context) {
	ctx2, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	groups, err := kadm.NewClient(p.admin).DescribeGroups(ctx2, p.group)
	if err != nil {
		p.logger.Debug("group not described", "error", err)
		return
	}
	for _, m := range groups[p.group].Members {
		name, addr, ok := parseMark(m.ClientID)
		switch {
		case !ok || name == p.self || addr == p.addr && !p.self.replaces(name):
			continue // no peer, ourselves, or whoever else says that it is here
		case addr == p.addr: // it was here: the address is ours now
			p.evict(ctx, m.MemberID, addr, "another process has its address")
			continue
		}
		if id := m.MemberID; p.begin(id) {
			p.wg.Go(func() { p.watch(ctx, id, name, addr) })
		}
	}
}

func (p *peers) begin(member string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.watching[member]; ok || p.closed {
		return false
	}
	p.watching[member] = struct{}{}
	return true
}

func (p *peers) end(member string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watching, member)
}
