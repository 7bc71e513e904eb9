package lease

import (
	"errors"
	"net"
	"testing"
	"time"
)

// The monotonic clock stands still while a machine is suspended; the wall clock does not.
func TestALeaseEndsInASuspendedMachine(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	go func() { _, _ = there.Read(make([]byte, 16)) }()
	l := New(time.Minute)
	conn := &leasedConn{Conn: here, lease: l}
	if _, err := conn.Write([]byte("v")); err != nil {
		t.Fatalf("with the lease: %v", err)
	}
	l.now = func() time.Time { return time.Now().Add(2 * time.Minute) } // it has slept meanwhile
	if err := l.check(); err != nil {
		t.Fatalf("the monotonic clock sees it: %v", err)
	}
	if _, err := conn.Write([]byte("v")); !errors.Is(err, ErrLost) {
		t.Errorf("after the sleep: %v", err)
	}
	l.now = func() time.Time { return time.Now().Add(-2 * time.Minute) } // a clock that is set back proves nothing
	l.Renew(time.Now().Add(-2 * time.Minute))
	if _, err := conn.Write([]byte("v")); !errors.Is(err, ErrLost) {
		t.Errorf("with a clock that was set back: %v", err)
	}
}
