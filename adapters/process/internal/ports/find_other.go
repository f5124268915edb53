//go:build !linux

package ports

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// Finder finds out who listens at an address. The zero Finder is ready for use.
type Finder struct{}

// Find returns who listens at an address, or is in the way of that; nil if nothing is. Here it tries to listen, and cannot see who does.
func (*Finder) Find(ctx context.Context, a Address) (*Holder, error) {
	if a.network == "unix" {
		if conn, err := new(net.Dialer).DialContext(ctx, "unix", a.path); err == nil {
			_ = conn.Close()
			return &Holder{}, nil
		}
		return nil, nil
	}
	var err error
	var config net.ListenConfig
	switch at := net.JoinHostPort(a.host, a.port); a.protocol() {
	case "tcp":
		var listener net.Listener
		if listener, err = config.Listen(ctx, a.network, at); err == nil {
			_ = listener.Close()
		}
	default:
		var conn net.PacketConn
		if conn, err = config.ListenPacket(ctx, a.network, at); err == nil {
			_ = conn.Close()
		}
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return &Holder{}, nil
	case errors.Is(err, syscall.EACCES): // it cannot be tried, and the program may be allowed to
		return nil, nil
	}
	return nil, err
}
