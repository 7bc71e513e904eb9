package processors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// peers makes the death of an instance known at once. Each listens on an address,
// which stands in the client id of its member of the group, and keeps a connection
// to every other. When one ends and the address refuses connections, the process is
// gone: that is evidence, not a timeout. Whoever sees it makes the dead member leave
// the group, and its partitions move. A host that is gone refuses nothing; then the
// session's timeout decides, as without peers.
type peers struct {
	listener net.Listener
	addr     string
	group    string
	admin    *kgo.Client
	logger   *slog.Logger

	mu       sync.Mutex
	watching map[string]struct{} // by member id
	conns    map[net.Conn]struct{}
	wg       sync.WaitGroup
}

// peerMark stands before the address in a member's client id.
const peerMark = "@"

// The pace of watching.
const (
	lookEvery     = time.Second // for new members
	probeEvery    = 50 * time.Millisecond
	probes        = 3 // refusals in a row that prove a death
	probeFor      = 3 * time.Second
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
		listener: l, addr: l.Addr().String(), group: group, admin: admin, logger: logger,
		watching: map[string]struct{}{}, conns: map[net.Conn]struct{}{},
	}, nil
}

// mark returns the client id that tells the address to the others.
func (p *peers) mark(clientID string) string {
	if p == nil {
		return clientID
	}
	return clientID + peerMark + p.addr
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
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// serve keeps the others' connections open. Nothing is said on them.
func (p *peers) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.hold(conn)
		p.wg.Go(func() {
			defer p.drop(conn)
			_, _ = io.Copy(io.Discard, conn)
		})
	}
}

func (p *peers) hold(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
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
		at := strings.LastIndex(m.ClientID, peerMark)
		if at < 0 || m.ClientID[at+1:] == p.addr || !p.begin(m.MemberID) {
			continue
		}
		id, addr := m.MemberID, m.ClientID[at+1:]
		p.wg.Go(func() { p.watch(ctx, id, addr) })
	}
}

func (p *peers) begin(member string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.watching[member]; ok {
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

// watch keeps a connection to a member until it is proved dead, or nothing can be said.
func (p *peers) watch(ctx context.Context, member, addr string) {
	defer p.end(member)
	for ctx.Err() == nil {
		conn, err := p.dial(ctx, addr)
		if err != nil {
			break
		}
		p.hold(conn)
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		_, _ = io.Copy(io.Discard, conn) // until the other side ends it
		stop()
		p.drop(conn)
	}
	if ctx.Err() == nil && p.refused(ctx, addr) {
		p.evict(ctx, member, addr)
	}
}

func (p *peers) dial(ctx context.Context, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: peerDialLimit}
	return d.DialContext(ctx, "tcp", addr)
}

// refused reports whether connections are refused several times in a row. A dying
// process may still accept one.
func (p *peers) refused(ctx context.Context, addr string) bool {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	n := 0
	for end := time.Now().Add(probeFor); time.Now().Before(end); {
		conn, err := p.dial(ctx, addr)
		switch {
		case err == nil:
			_ = conn.Close()
			n = 0
		case errors.Is(err, syscall.ECONNREFUSED):
			n++
		default:
			return false // not reachable is no evidence
		}
		if n == probes {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return false
}

// evict makes the member leave the group.
func (p *peers) evict(ctx context.Context, member, addr string) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	reason := "its address " + addr + " refuses connections: the process is gone"
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = p.group
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID, m.Reason = member, &reason
	req.Members = append(req.Members, m)
	resp, err := req.RequestWith(ctx, p.admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err == nil && len(resp.Members) == 1 {
		err = kerr.ErrorForCode(resp.Members[0].ErrorCode)
	}
	if err != nil && !errors.Is(err, kerr.UnknownMemberID) {
		p.logger.Warn("dead member not evicted", "member", member, "error", err)
		return
	}
	p.logger.Info("dead member evicted", "member", member, "address", addr)
}
