//go:build !linux

package control

import "net"

// peer returns the process that listens at the other end; 0 if it is not known.
func peer(net.Conn) (pid int) { return 0 }
