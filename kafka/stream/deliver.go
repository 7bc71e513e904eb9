package stream

import (
	"time"

	"github.com/IBM/sarama"
)

// How long a delivery rests while the channel holds enough of large messages: nobody tells when one is taken.
const (
	firstRest = time.Millisecond
	longRest  = 50 * time.Millisecond
)

// begin has a chunk delivered. The partition is not fetched further until there is room. The caller has the mutex.
func (p *partition) begin(c *chunk) {
	if p.ended {
		return
	}
	p.place, p.chunk = resting, c
	if !p.delivering {
		p.delivering = true
		p.reader.delivering++
		p.reader.all.Go(p.deliver)
	}
}

// offer hands messages on at once, if there is room for all of them. The caller has the mutex.
func (p *partition) offer(c *chunk) bool {
	if p.delivering || cap(p.messages)-len(p.messages) < len(c.messages) || !p.room() || c.size > p.reader.share()/2 {
		return false
	}
	for i := range c.messages {
		p.messages <- &c.messages[i]
	}
	p.noteSize(c)
	return true
}

func (p *partition) noteSize(c *chunk) {
	if len(c.messages) > 0 {
		p.average = c.size / len(c.messages)
	}
}

// deliver hands on what was fetched, until nothing is left. It has the channel of messages meanwhile.
func (p *partition) deliver() {
	for {
		c, at := p.takeChunk()
		if c == nil {
			return
		}
		err := c.decode(p.topic, at)
		p.decoded(c, err)
		for i := range c.messages {
			if !p.send(&c.messages[i]) {
				break
			}
		}
		p.delivered()
	}
}

// takeChunk returns what is next, and the offset to begin at; nil when there is nothing, and the goroutine ends.
func (p *partition) takeChunk() (*chunk, int64) {
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	c := p.chunk
	if c != nil && !p.ended {
		p.chunk = nil
		return c, p.next
	}
	p.delivering = false
	p.reader.delivering--
	switch {
	case p.ended:
		p.closeChannels()
	case p.final != nil:
		p.finish(p.final)
	}
	return nil, 0
}

// decoded notes how far the chunk reaches, and has the next one fetched meanwhile if there is room.
func (p *partition) decoded(c *chunk, err error) {
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	p.next, p.settled = c.next, c.next >= c.stable
	p.held = c.size
	p.noteSize(c)
	switch {
	case err != nil:
		p.refused(err)
	case p.place == resting && p.room():
		p.wait()
	}
}

func (p *partition) send(m *sarama.ConsumerMessage) bool {
	select {
	case p.messages <- m:
		return true
	default:
	}
	select {
	case p.messages <- m:
		return true
	case <-p.ending:
		return false
	}
}

// delivered has the partition fetched on as soon as little enough waits to be taken.
func (p *partition) delivered() {
	for rest := firstRest; !p.goOn(); rest = min(2*rest, longRest) {
		select {
		case <-time.After(rest):
		case <-p.ending:
		}
	}
}

// goOn reports whether there is nothing to wait for.
func (p *partition) goOn() bool {
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	p.held = 0
	if p.ended || p.place != resting || p.chunk != nil || p.final != nil {
		return true
	}
	if !p.room() {
		return false
	}
	p.wait()
	return true
}
