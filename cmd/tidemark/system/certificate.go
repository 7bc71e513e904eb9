package system

import (
	"crypto/tls"
	"os"
	"sync"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
)

// certificate is the pair of http.tls, read again when its files have changed, so that a
// renewed one needs no restart. One that cannot be read leaves the one before in place.
type certificate struct {
	certFile, keyFile string
	events            *events.Listener
	clock             func() time.Time

	mu     sync.Mutex
	pair   *tls.Certificate
	stamp  [2]fileStamp
	looked time.Time
}

// fileStamp distinguishes a file from what it was.
type fileStamp struct {
	modified time.Time
	size     int64
}

// lookAgain is how long the files are not looked at again: a look costs two system calls.
const lookAgain = time.Second

func loadCertificate(certFile, keyFile string, told *events.Listener) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, events: told, clock: time.Now}
	stamp := c.stamps()
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	c.pair, c.stamp, c.looked = &pair, stamp, c.clock()
	return c, nil
}

// get returns the pair as it is now.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock()
	if now.Sub(c.looked) < lookAgain {
		return c.pair, nil
	}
	c.looked = now
	stamp := c.stamps()
	if stamp == c.stamp {
		return c.pair, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil { // one of two files may be written already: the next look tries again
		c.events.CertificateNotRead(events.CertificateNotRead{Err: err})
		return c.pair, nil
	}
	c.pair, c.stamp = &pair, stamp
	c.events.CertificateRenewed(events.CertificateRenewed{File: c.certFile})
	return c.pair, nil
}

func (c *certificate) stamps() (out [2]fileStamp) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			out[i] = fileStamp{info.ModTime(), info.Size()}
		}
	}
	return out
}
