package main

import (
	"context"
	"errors"
	"net"
)

var errBanned = errors.New("the peer is banned")

func connect(ctx context.Context, address string) (net.Conn, error) {
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", address)
}

func exchange(ctx context.Context, conn net.Conn) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_, err := conn.Read(make([]byte, 1))
	return err
}
