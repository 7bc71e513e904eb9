package peers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
)

// processName distinguishes one process from another that has had its address: some digits of the
// host's name, and some that no other process has.
type processName string

const (
	hostDigits = 8
	nameSize   = hostDigits + 16
)

func newName() processName {
	host, _ := os.Hostname()
	sum := sha256.Sum256([]byte(host))
	id := make([]byte, (nameSize-hostDigits)/2)
	_, _ = rand.Read(id) // it never fails
	return processName(hex.EncodeToString(sum[:hostDigits/2]) + hex.EncodeToString(id))
}

// replaces reports whether a process at an address proves that another one, which had it,
// is gone. On another host the address may be one that each host has, such as 127.0.0.1.
func (n processName) replaces(other processName) bool {
	return len(n) == nameSize && len(other) == nameSize && n != other && n[:hostDigits] == other[:hostDigits]
}

// A member's client id has these: nameMark, the process's name, addrMark, its address.
// Older instances have no name.
const (
	nameMark = "#"
	addrMark = "@"
)

// markOf is the client id with a process's name and address in it.
func markOf(clientID string, name processName, addr string) string {
	return clientID + nameMark + string(name) + addrMark + addr
}

// parseMark reads a client id as markOf makes it, or as it was made without a name.
func parseMark(clientID string) (name processName, addr string, ok bool) {
	at := strings.LastIndex(clientID, addrMark)
	if at < 0 {
		return "", "", false
	}
	addr, clientID = clientID[at+1:], clientID[:at]
	if at := strings.LastIndex(clientID, nameMark); at >= 0 && len(clientID)-at-1 == nameSize {
		name = processName(clientID[at+1:])
	}
	return name, addr, true
}
