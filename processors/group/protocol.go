package group

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

const (
	protocolType = "consumer"
	protocolName = "cooperative-sticky" // nobody gives back what he keeps
)

// coordinator sends the group's requests. JoinGroup and SyncGroup wait for other members; the client has a connection of
// its own for them, so that heartbeats do not wait with them.
type coordinator struct {
	client         *kgo.Client
	group          string
	sessionTimeout time.Duration
}

// joined is the answer to JoinGroup and SyncGroup.
type joined struct {
	generation int32
	given      map[place]bool
	synced     time.Time // when the request was sent whose answer proves that it is a member
}

// errRejoin says that the group has begun to share out anew meanwhile.
var errRejoin = errors.New("the group shares out anew")

// join joins the group under an id, which may be empty, or shares out with the others anew. told is called with the id and
// the generation that count, as soon as they are known.
func (c *coordinator) join(ctx context.Context, id string, s *subscription, told func(id string, generation int32)) (joined, error) {
	resp, err := c.joinGroup(ctx, id, s, told)
	if err != nil {
		return joined{}, err
	}
	told(resp.MemberID, resp.Generation)
	sync := kmsg.NewPtrSyncGroupRequest()
	kind, name := protocolType, protocolName
	sync.Group, sync.MemberID, sync.Generation, sync.ProtocolType, sync.Protocol = c.group, resp.MemberID, resp.Generation, &kind, &name
	if resp.LeaderID == resp.MemberID {
		sync.GroupAssignment = plan(resp.Members)
	}
	sent := time.Now()
	synced, err := sync.RequestWith(ctx, c.client)
	if err == nil {
		err = kerr.ErrorForCode(synced.ErrorCode)
	}
	switch {
	case errors.Is(err, kerr.RebalanceInProgress), errors.Is(err, kerr.IllegalGeneration):
		return joined{}, errRejoin
	case err != nil:
		return joined{}, fmt.Errorf("learn what the group %s gives to this member: %w", c.group, err)
	}
	given, err := decodeAssignment(synced.MemberAssignment)
	return joined{generation: resp.Generation, given: given, synced: sent}, err
}

func (c *coordinator) joinGroup(ctx context.Context, id string, s *subscription, told func(string, int32)) (*kmsg.JoinGroupResponse, error) {
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = protocolName, s.encode()
	for {
		req := kmsg.NewPtrJoinGroupRequest()
		req.Group, req.MemberID, req.ProtocolType = c.group, id, protocolType
		req.SessionTimeoutMillis = int32(c.sessionTimeout.Milliseconds())
		req.RebalanceTimeoutMillis = int32(kafka.RebalanceTimeout.Milliseconds())
		req.Protocols = append(req.Protocols, protocol)
		resp, err := req.RequestWith(ctx, c.client)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		switch {
		case errors.Is(err, kerr.MemberIDRequired) && id == "":
			id = resp.MemberID
			told(id, -1) // the group waits for it from now on
		case errors.Is(err, kerr.RebalanceInProgress):
			return nil, errRejoin
		case err != nil:
			return nil, fmt.Errorf("join the group %s: %w", c.group, err)
		default:
			return resp, nil
		}
	}
}

// plan shares out among the members that have joined. One whose subscription cannot be read is given nothing.
func plan(members []kmsg.JoinGroupResponseMember) []kmsg.SyncGroupRequestGroupAssignment {
	subscriptions := map[string]*subscription{}
	for _, m := range members {
		if s, err := decodeSubscription(m.ProtocolMetadata); err == nil {
			subscriptions[m.MemberID] = s
		}
	}
	given := share(subscriptions)
	var out []kmsg.SyncGroupRequestGroupAssignment
	for _, m := range members {
		a := kmsg.NewSyncGroupRequestGroupAssignment()
		a.MemberID, a.MemberAssignment = m.MemberID, encodeAssignment(given[m.MemberID])
		out = append(out, a)
	}
	return out
}

const beatTimeout = 2 * time.Second

// beat sends one heartbeat. An error of package kerr is the coordinator's answer.
func (c *coordinator) beat(ctx context.Context, id string, generation int32) error {
	ctx, cancel := context.WithTimeout(ctx, beatTimeout)
	defer cancel()
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = c.group, id, generation
	resp, err := req.RequestWith(ctx, c.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// leave gives up the membership. What cannot be said ends with the session's timeout.
func (c *coordinator) leave(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = c.group, id
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID = id
	req.Members = append(req.Members, m)
	_, _ = req.RequestWith(ctx, c.client)
}
