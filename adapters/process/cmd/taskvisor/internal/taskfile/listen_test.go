package taskfile

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A task can listen wherever package process can tell who listens.
func TestAddressesToListenAt(t *testing.T) {
	for _, address := range []string{"8080", ":8080", "localhost:6379", "udp://:53", "tcp6://[::1]:80", "/run/web.sock", "unix:web.sock", "@web"} {
		require.True(t, canListen(address), address)
	}
	for _, address := range []string{"", "localhost", ":0", "sctp://:80"} {
		require.False(t, canListen(address), address)
	}
}
