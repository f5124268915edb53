// Package ports finds out who listens at an address.
package ports

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
)

// Address is where a program is going to listen.
type Address struct {
	network string // tcp, tcp4, tcp6, udp, udp4, udp6 or unix
	host    string // of a port; "" is all addresses of the machine
	port    string // a number or the name of a service
	path    string // of a unix socket; one that begins with @ is in no file system
}

// Parse reads an address: a port, a host and a port, or a path. A scheme in front of it says which network it is of, such as
// udp://localhost:53, tcp6://[::1]:80 or unix:///run/web.sock. Without one a path is of a unix socket, and all else of TCP. The error
// says what is wrong with the text, without the text.
func Parse(text string) (Address, error) {
	network, rest, found := strings.Cut(text, "://")
	if !found {
		network, rest = "tcp", text
		if after, unix := strings.CutPrefix(text, "unix:"); unix {
			network, rest = "unix", after
		} else if strings.ContainsAny(text, "/") || strings.HasPrefix(text, "@") {
			network = "unix"
		}
	}
	switch network {
	case "unix":
		if rest == "" || rest == "@" || strings.ContainsRune(rest, 0) {
			return Address{}, errors.New("has no path")
		}
		return Address{network: network, path: rest}, nil
	case "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6":
	default:
		return Address{}, errors.New("is of a network that is none of tcp, tcp4, tcp6, udp, udp4, udp6 and unix")
	}
	if !strings.Contains(rest, ":") {
		rest = ":" + rest
	}
	host, port, err := net.SplitHostPort(rest)
	switch {
	case err != nil:
		return Address{}, errors.New("is not a host and port, such as localhost:8080 or [::1]:8080")
	case port == "":
		return Address{}, errors.New("has no port")
	}
	number, err := strconv.Atoi(port)
	if err == nil && (number < 1 || number > 65535) {
		return Address{}, errors.New("has a port that is not from 1 to 65535")
	}
	if _, err := net.LookupPort(network, port); err != nil {
		return Address{}, errors.New("has a port that is neither a number nor the name of a service")
	}
	return Address{network: network, host: host, port: port}, nil
}

// String returns what is said to be in use: a port, a host and a port, or a path.
func (a Address) String() string {
	switch {
	case a.network == "unix":
		return "socket " + a.path
	case a.host == "":
		return strings.TrimPrefix(a.protocol()+" port ", "tcp ") + a.port
	default:
		return strings.TrimPrefix(a.protocol()+" address ", "tcp ") + net.JoinHostPort(a.host, a.port)
	}
}

// Meets reports whether a program that listens at one address may keep another from listening at the other. It looks nothing up: a host
// that is a name may be any.
func (a Address) Meets(b Address) bool {
	if a.network == "unix" || b.network == "unix" {
		return a.network == b.network && a.path == b.path
	}
	if a.protocol() != b.protocol() || a.port != b.port {
		return false
	}
	one, notOne := netip.ParseAddr(a.host)
	other, notOther := netip.ParseAddr(b.host)
	return notOne != nil || notOther != nil || one.IsUnspecified() || other.IsUnspecified() || one.Unmap() == other.Unmap()
}

// protocol returns tcp or udp.
func (a Address) protocol() string { return a.network[:3] }

// In returns the address as it is for a program that runs in a directory.
func (a Address) In(dir string) Address {
	if a.network == "unix" && a.path[0] != '@' && !filepath.IsAbs(a.path) {
		if absolute, err := filepath.Abs(filepath.Join(dir, a.path)); err == nil {
			a.path = absolute
		}
	}
	return a
}

// resolved returns the port, and the addresses that the host has; none if it is all of the machine.
func (a Address) resolved(ctx context.Context) (hosts []netip.Addr, port uint16, err error) {
	number, err := net.DefaultResolver.LookupPort(ctx, a.network, a.port)
	if err != nil || a.host == "" {
		return nil, uint16(number), err
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip"+a.network[3:], a.host)
	for i := range found {
		hosts = append(hosts, found[i].Unmap().WithZone(""))
	}
	return hosts, uint16(number), err
}

// Holder is who listens at an address.
type Holder struct {
	PID     int    // 0: that cannot be seen
	Program string // the name of the process
	Command string // its command line
	User    string // whose it is, if the process cannot be seen; else ""
}
