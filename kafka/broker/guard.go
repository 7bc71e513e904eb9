package broker

import (
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxRequest is the largest request that is let through: a batch of the largest row that topics
// of ours take by default, and others beside it.
const maxRequest = 128 << 20

// minRequest is the shortest header: API key, version, correlation id, null client id.
const minRequest = 10

var errNoKafka = errors.New("not a Kafka request")

// guardedListen listens with connections that check what they read.
func guardedListen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return guardedListener{l}, nil
}

type guardedListener struct{ net.Listener }

// Accept wraps the connection.
func (l guardedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &guardedConn{Conn: c}, nil
}

// guardedConn lets requests through whose size and API key are possible. kfake
// takes memory for whatever size a packet claims, and panics on an unknown key.
// Reads come from one goroutine.
type guardedConn struct {
	net.Conn
	head []byte // size and API key of the next request, as far as they have been read and not yet handed on
	left int    // bytes of the current request that are still to come after the head
}

const headBytes = 6 // size 4, API key 2

// Read hands on the bytes of requests that passed.
func (c *guardedConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(c.head) == 0 && c.left == 0 {
		if err := c.next(); err != nil {
			_ = c.Conn.Close()
			return 0, err
		}
	}
	if len(c.head) > 0 {
		n := copy(p, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// next reads the head of a request and judges it.
func (c *guardedConn) next() error {
	var head [headBytes]byte
	if _, err := io.ReadFull(c.Conn, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:4])
	key := int16(binary.BigEndian.Uint16(head[4:]))
	if size < minRequest || size > maxRequest || kmsg.RequestForKey(key) == nil {
		return errNoKafka
	}
	c.head, c.left = head[:], int(size)-(headBytes-4)
	return nil
}
