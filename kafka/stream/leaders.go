package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
)

// topicsAtOnce is how many topics one question is about.
const topicsAtOnce = 100

// findLeaders asks for the leaders of the partitions that need one, until the reader is closed.
func (r *Reader) findLeaders() {
	for {
		due, next := r.due(time.Now())
		if len(due) == 0 {
			select {
			case <-r.ctx.Done():
				return
			case <-r.found:
			case <-next:
			}
			continue
		}
		known, err := r.describe(due)
		if r.ctx.Err() != nil {
			return
		}
		r.mu.Lock()
		for _, p := range due {
			p.locate(known[p.topic], err)
		}
		r.mu.Unlock()
	}
}

// due takes the partitions whose leaders are to be asked for now, and says when others are.
func (r *Reader) due(now time.Time) ([]*partition, <-chan time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []*partition
	var first time.Time
	topics := map[string]bool{}
	kept := r.lost[:0]
	for _, p := range r.lost {
		switch {
		case p.ended:
		case p.after.After(now):
			if first.IsZero() || p.after.Before(first) {
				first = p.after
			}
			kept = append(kept, p)
		case !topics[p.topic] && len(topics) == topicsAtOnce:
			first = now
			kept = append(kept, p)
		default:
			topics[p.topic] = true
			due = append(due, p)
		}
	}
	clear(r.lost[len(kept):])
	r.lost = kept
	if first.IsZero() {
		return due, nil
	}
	return due, time.After(first.Sub(now))
}

// describe asks about the topics of partitions.
func (r *Reader) describe(of []*partition) (map[string]*kmsg.MetadataResponseTopic, error) {
	client, err := r.ask()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	var topics []string
	for _, p := range of {
		if !slices.Contains(topics, p.topic) {
			topics = append(topics, p.topic)
		}
	}
	found, err := kafka.MetadataOf(ctx, client, topics)
	if err != nil {
		return nil, fmt.Errorf("find the leaders of partitions: %w", err)
	}
	return found, nil
}

var errNoLeader = errors.New("the brokers did not name the partition's leader")

// locate takes the answer to the question for the partition's leader. The caller has the mutex.
func (p *partition) locate(t *kmsg.MetadataResponseTopic, err error) {
	if p.ended {
		return
	}
	if err == nil && t != nil {
		err = kerr.ErrorForCode(t.ErrorCode)
	}
	if err != nil || t == nil {
		if err == nil {
			err = errNoLeader
		}
		p.missed(err)
		return
	}
	none := [16]byte{}
	if p.id != none && t.TopicID != none && p.id != t.TopicID {
		p.finishBehind(errRecreated(p, t.TopicID))
		return
	}
	for i := range t.Partitions {
		of := &t.Partitions[i]
		if of.Partition != p.number {
			continue
		}
		if err := kerr.ErrorForCode(of.ErrorCode); err != nil || of.Leader < 0 {
			p.missed(errors.Join(errNoLeader, err))
			return
		}
		p.id, p.broker = t.TopicID, p.reader.at(of.Leader)
		p.wait()
		return
	}
	p.missed(errNoLeader)
}
