package ports

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// socket is a line of a table of the kernel.
type socket struct {
	local netip.AddrPort
	state byte
	user  int // whose it is; negative: the table does not say
	inode uint64
}

// listening is the state of a TCP socket that listens.
const listening = 0x0A

// tables returns the files that list the sockets of a protocol.
func tables(protocol string) []string {
	return []string{"/proc/net/" + protocol, "/proc/net/" + protocol + "6"}
}

var errTable = errors.New("a table of sockets is not as expected")

// read reads a table of TCP or UDP.
func read(name string) (sockets []socket, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	first := true
	for line := range bytes.Lines(text) {
		if first {
			first = false // it is the head
			continue
		}
		s, ok := parse(line)
		if !ok {
			return nil, errTable
		}
		sockets = append(sockets, s)
	}
	return sockets, nil
}

// parse reads a line of such a table. Its fields are a number, the local and the remote address, the state, two pairs, retransmissions,
// the user, a timeout and the inode.
func parse(line []byte) (s socket, ok bool) {
	fields := strings.Fields(string(line))
	if len(fields) < 10 {
		return socket{}, false
	}
	local, okLocal := parseAddress(fields[1])
	state, errState := strconv.ParseUint(fields[3], 16, 8)
	user, errUser := strconv.Atoi(fields[7])
	inode, errInode := strconv.ParseUint(fields[9], 10, 64)
	return socket{local, byte(state), user, inode}, okLocal && errState == nil && errUser == nil && errInode == nil
}

// parseAddress reads an address as the tables have it: words of four bytes as numbers of this machine, and the port.
func parseAddress(text string) (at netip.AddrPort, ok bool) {
	words, port, found := strings.Cut(text, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if !found || err != nil {
		return at, false
	}
	bytes, err := hex.DecodeString(words)
	if err != nil || len(bytes)%4 != 0 {
		return at, false
	}
	for i := 0; i < len(bytes); i += 4 {
		binary.NativeEndian.PutUint32(bytes[i:], binary.BigEndian.Uint32(bytes[i:]))
	}
	addr, ok := netip.AddrFromSlice(bytes)
	return netip.AddrPortFrom(addr, uint16(number)), ok
}

// unixSocket is a unix socket that listens, or takes datagrams.
type unixSocket struct {
	inode uint64
	path  string
}

// readUnix reads the table of unix sockets. Its fields are an address in the kernel, a count, the protocol, flags, the type, the
// state, the inode and, of those that have a name, the path, which can have anything in it.
func readUnix(name string) (sockets []unixSocket, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	const accepts, datagrams = "00010000", "0002"
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != accepts && fields[4] != datagrams {
			continue
		}
		inode, err := strconv.ParseUint(fields[6], 10, 64)
		if err != nil {
			return nil, errTable
		}
		_, path, _ := strings.Cut(line, fields[6]+" ")
		sockets = append(sockets, unixSocket{inode, strings.TrimSuffix(path, "\n")})
	}
	return sockets, nil
}
