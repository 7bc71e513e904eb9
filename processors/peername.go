package processors

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"os"
)

// peerName tells one process from another that has had its address: some digits of the
// host's name, and some that no other process has.
type peerName string

const (
	hostDigits   = 8
	peerNameSize = hostDigits + 16
)

func newPeerName() peerName {
	host, _ := os.Hostname()
	sum := sha256.Sum256([]byte(host))
	id := make([]byte, (peerNameSize-hostDigits)/2)
	_, _ = rand.Read(id) // it never fails
	return peerName(hex.EncodeToString(sum[:hostDigits/2]) + hex.EncodeToString(id))
}

// replaces reports whether a process at an address proves that another one, which had it,
// is gone. On another host the address may be one that each host has, such as 127.0.0.1.
func (n peerName) replaces(other peerName) bool {
	return len(n) == peerNameSize && len(other) == peerNameSize && n != other && n[:hostDigits] == other[:hostDigits]
}
