package ports

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/user"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// Finder finds out who listens at an address. The zero Finder is ready for use. It keeps the one that it found last, because to search the
// files of all processes takes milliseconds.
type Finder struct {
	mu    sync.Mutex
	inode uint64 // of the socket that was found last
	by    Holder
}

// Find returns who listens at an address, or is in the way of that; nil if nothing is. It opens no port: it looks at what the
// kernel says, and where that leaves open if a socket is in the way, it binds one and closes it, without listening.
func (f *Finder) Find(ctx context.Context, a Address) (*Holder, error) {
	if a.network == "unix" {
		return f.findUnix(a.path)
	}
	hosts, port, err := a.resolved(ctx)
	if err != nil {
		return nil, err
	}
	w := wanted{hosts: hosts, v4: a.network[3:] != "6", v6: a.network[3:] != "4"}
	var doubtful *socket
	for _, name := range tables(a.protocol()) {
		sockets, err := read(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) { // without IPv6 there is one table less
			return nil, err
		}
		for i := range sockets {
			s := &sockets[i]
			if s.local.Port() != port || s.inode == 0 { // which belongs to no process any more
				continue
			}
			switch w.overlap(s, a.protocol()) {
			case overlaps:
				return f.holder(s), nil
			case mayOverlap:
				doubtful = s
			case isApart:
			}
		}
	}
	if doubtful != nil && w.isTaken(a.protocol(), port) {
		return f.holder(doubtful), nil
	}
	return nil, nil
}

// wanted is where a program is going to listen.
type wanted struct {
	hosts  []netip.Addr // none: at all addresses
	v4, v6 bool         // of these kinds
}

// overlap is whether a socket is in the way.
type overlap int

const (
	isApart overlap = iota
	mayOverlap
	overlaps
)

func (w *wanted) overlap(s *socket, protocol string) (most overlap) {
	hosts := w.hosts
	if len(hosts) == 0 {
		if w.v6 {
			hosts = append(hosts, netip.IPv6Unspecified())
		}
		if w.v4 {
			hosts = append(hosts, netip.IPv4Unspecified())
		}
	}
	for _, host := range hosts {
		most = max(most, w.meet(host, s.local.Addr()))
	}
	if protocol == "tcp" && s.state != listening {
		most = min(most, mayOverlap) // what has accepted a connection, or has made one, shares its port with some and not with others
	}
	return most
}

// meet reports whether two sockets of one port meet, one that is going to be at an address and one that is at another.
func (w *wanted) meet(host, at netip.Addr) overlap {
	at = at.Unmap()
	switch {
	case host == at, host.Is4() == at.Is4() && (host.IsUnspecified() || at.IsUnspecified()):
		return overlaps
	case host.Is4() && at.Is6() && at.IsUnspecified(): // which may be for both kinds
		return mayOverlap
	case host.Is6() && host.IsUnspecified() && at.Is4() && w.v4: // and so may this
		return mayOverlap
	}
	return isApart
}

// isTaken tries to bind a socket. What must not even be tried is taken for free.
func (w *wanted) isTaken(protocol string, port uint16) bool {
	kind := unix.SOCK_STREAM
	if protocol == "udp" {
		kind = unix.SOCK_DGRAM
	}
	taken := func(family int, at unix.Sockaddr, only6 int) bool {
		fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return false
		}
		defer func() { _ = unix.Close(fd) }()
		if protocol == "tcp" {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) // as servers do
		}
		if family == unix.AF_INET6 {
			_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only6)
		}
		return errors.Is(unix.Bind(fd, at), unix.EADDRINUSE)
	}
	if len(w.hosts) == 0 {
		return w.v6 && taken(unix.AF_INET6, &unix.SockaddrInet6{Port: int(port)}, flag(!w.v4)) ||
			w.v4 && taken(unix.AF_INET, &unix.SockaddrInet4{Port: int(port)}, 0)
	}
	for _, host := range w.hosts {
		if host.Is4() {
			if taken(unix.AF_INET, &unix.SockaddrInet4{Port: int(port), Addr: host.As4()}, 0) {
				return true
			}
		} else if taken(unix.AF_INET6, &unix.SockaddrInet6{Port: int(port), Addr: host.As16()}, flag(!host.IsUnspecified() || !w.v4)) {
			return true
		}
	}
	return false
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

// findUnix returns who listens at a unix socket. A file that a server has left behind belongs to no process.
func (f *Finder) findUnix(path string) (*Holder, error) {
	sockets, err := readUnix("/proc/net/unix")
	if err != nil {
		return nil, err
	}
	for i := range sockets {
		if sockets[i].path == path {
			return f.holder(&socket{inode: sockets[i].inode, user: -1}), nil
		}
	}
	if path[0] == '@' {
		return nil, nil
	}
	return connected(path)
}

// connected returns who answers at a path, which may have another name where it listens.
func connected(path string) (*Holder, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	switch err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); {
	case err == nil, errors.Is(err, unix.EAGAIN): // which is so busy that it cannot even be connected to
	default:
		return nil, nil
	}
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil || peer.Pid == 0 {
		return &Holder{}, nil
	}
	h := see(int(peer.Pid))
	return &h, nil
}

// holder returns whose a socket is.
func (f *Finder) holder(s *socket) *Holder {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inode == s.inode && f.by.PID != 0 && see(f.by.PID) == f.by {
		by := f.by
		return &by
	}
	f.inode, f.by = s.inode, Holder{}
	if pid := oldestWith(s.inode); pid != 0 {
		f.by = see(pid)
	} else if s.user >= 0 {
		f.by.User = strconv.Itoa(s.user)
		if u, err := user.LookupId(f.by.User); err == nil {
			f.by.User = u.Username
		}
	}
	by := f.by
	return &by
}

// oldestWith returns the oldest process that has a socket: of a server and the workers that it has started that is the server. It is 0 if
// none can be seen.
func oldestWith(inode uint64) (oldest int) {
	proc, err := procfs.Open()
	if err != nil {
		return 0
	}
	defer func() { _ = proc.Close() }()
	pids, err := proc.PIDs()
	if err != nil {
		return 0
	}
	link, since := "socket:["+strconv.FormatUint(inode, 10)+"]", uint64(0)
	for _, pid := range pids {
		if !hasLink("/proc/"+strconv.Itoa(pid)+"/fd", link) {
			continue
		}
		if p, err := proc.Stat(pid); err == nil && (oldest == 0 || p.Start < since) {
			oldest, since = pid, p.Start
		}
	}
	return oldest
}

// hasLink reports whether a link in a directory leads to a place.
func hasLink(dir, to string) bool {
	d, err := os.Open(dir)
	if err != nil {
		return false // it is another user's, or has ended
	}
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		if at, err := os.Readlink(dir + "/" + name); err == nil && at == to {
			return true
		}
	}
	return false
}

// see returns what can be seen of a process.
func see(pid int) Holder {
	h := Holder{PID: pid}
	if name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm"); err == nil {
		h.Program = strings.TrimSpace(string(name))
	}
	if proc, err := procfs.Open(); err == nil {
		h.Command = proc.Command(pid)
		_ = proc.Close()
	}
	return h
}
