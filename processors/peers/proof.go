package peers

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/processors/events"
)

const (
	dialLimit      = time.Second
	requestTimeout = 5 * time.Second // of a request to the group's coordinator

	probeEvery = 50 * time.Millisecond
	probes     = 3 // refusals in a row that prove a death
	probeFor   = 3 * time.Second
)

func dial(ctx context.Context, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialLimit}
	return d.DialContext(ctx, "tcp", addr)
}

// refused reports whether connections are refused several times in a row. A dying
// process may still accept one.
func refused(ctx context.Context, addr string) bool {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	n := 0
	for end := time.Now().Add(probeFor); time.Now().Before(end); {
		conn, err := dial(ctx, addr)
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
func (p *Watch) evict(ctx context.Context, member, addr, why string) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	reason := addr + ": " + why
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
		p.events.MemberNotEvicted(events.MemberNotEvicted{Member: member, Err: err})
		return
	}
	p.events.MemberEvicted(events.MemberEvicted{Member: member, Address: addr, Reason: why})
}
