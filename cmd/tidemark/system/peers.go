package system

import (
	"net"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// peerAddress is where this process lets the other instances of its group watch
// it, so that its partitions move at once when it dies. Empty: nowhere, and they
// move after the group's session timeout.
//
// No port is opened that others could reach unless the configuration has opened
// one already: on loopback when the brokers are there, too; on the host of
// http.listen when that is not loopback.
func peerAddress(c *config.Config) string {
	if allLoopback(c.Kafka.Brokers) {
		return "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(c.HTTP.Listen)
	if err != nil || isLoopback(host) {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = outboundAddress(c.Kafka.Brokers[0])
	}
	if host == "" {
		return ""
	}
	return net.JoinHostPort(host, "0")
}

func allLoopback(addrs []string) bool {
	for _, a := range addrs {
		host, _, err := net.SplitHostPort(a)
		if err != nil || !isLoopback(host) {
			return false
		}
	}
	return len(addrs) > 0
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// outboundAddress returns the address of this machine that a broker sees. Nothing is
// sent: connecting a datagram socket only looks up the route.
func outboundAddress(broker string) string {
	conn, err := net.Dial("udp", broker)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		return ""
	}
	return host
}
