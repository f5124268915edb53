package process

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

const notifySupported = true

// readAgain is how long after an error that should not be a socket is read again.
const readAgain = 10 * time.Millisecond

// mostNotices is how many messages that a run has sent may wait in the end: more than a socket takes unread.
const mostNotices = 4096

// notifySocket receives messages of the notify protocol from one run. It has an abstract name, which cannot be guessed and of
// which nothing is left when the process ends. Nil is a socket of a run that has none.
type notifySocket struct {
	process *process
	conn    *net.UnixConn
	address string
	served  sync.WaitGroup
	serves  bool
}

func listenNotify(p *process) (*notifySocket, error) {
	var name [16]byte
	_, _ = rand.Read(name[:]) // it never fails
	address := "@tasksupervisor/" + hex.EncodeToString(name[:])
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err == nil {
		var refused error
		err = raw.Control(func(fd uintptr) { refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1) })
		err = errors.Join(err, refused)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &notifySocket{process: p, conn: conn, address: address}, nil
}

// serve begins to heed messages.
func (n *notifySocket) serve() {
	if n != nil {
		n.serves = true
		n.served.Go(n.main)
	}
}

// close ends that, and waits until it has. What the run has said before is heeded.
func (n *notifySocket) close() {
	if n == nil {
		return
	}
	_ = n.conn.SetReadDeadline(time.Unix(1, 0))
	n.served.Wait()
	if n.serves {
		n.rest()
	}
	_ = n.conn.Close()
}

func (n *notifySocket) main() {
	message, control := newNotice()
	for {
		size, controls, _, _, err := n.conn.ReadMsgUnix(message, control)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded): // it is to be closed
			return
		case err != nil:
			time.Sleep(readAgain) // it may be so again
		default:
			n.take(message[:size], control[:controls])
		}
	}
}

// rest heeds what waits. There is an end to that, also if there is always more.
func (n *notifySocket) rest() {
	raw, err := n.conn.SyscallConn()
	if err != nil {
		return
	}
	message, control := newNotice()
	for range mostNotices {
		var size, controls int
		refused := raw.Control(func(fd uintptr) {
			size, controls, _, _, err = unix.Recvmsg(int(fd), message, control, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
		})
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if refused != nil || err != nil {
			return
		}
		n.take(message[:size], control[:controls])
	}
}

func newNotice() (message, control []byte) { return make([]byte, 16<<10), make([]byte, 1<<10) }

// take heeds a message, if it is from the run.
func (n *notifySocket) take(message, control []byte) {
	if n.fromRun(control) {
		n.process.heed(string(message))
	}
}

// fromRun reports whether a message is from the run, and closes what was sent with it: file descriptors are not kept, and a
// sender that waits for its message to be received (BARRIER=1) waits for that.
func (n *notifySocket) fromRun(control []byte) (ok bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return false
	}
	for i := range messages {
		if fds, err := unix.ParseUnixRights(&messages[i]); err == nil {
			for _, fd := range fds {
				defer func() { _ = unix.Close(fd) }() // when the message has been heeded: BARRIER=1 comes alone, after it
			}
		}
		if sender, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			ok = n.process.isSender(sender)
		}
	}
	return ok
}

// isSender reports whether a message may be from the run. Its sender has to be one of its processes, or, if it has ended since, to
// have had the user of the run or ours, or to be root.
func (p *process) isSender(sender *unix.Ucred) bool {
	users := []uint32{0, uint32(os.Getuid())}
	if p.command.User != "" {
		if who, err := lookupUser(p.command.User); err == nil {
			users = append(users, who.uid)
		}
	}
	leader := p.group.PID()
	proc, err := procfs.Open()
	if err != nil {
		return false
	}
	defer func() { _ = proc.Close() }()
	for pid := int(sender.Pid); pid > 1; {
		if group, err := unix.Getpgid(pid); pid == leader || err == nil && group == leader {
			return true
		}
		of, err := proc.Stat(pid)
		if err != nil {
			return slices.Contains(users, sender.Uid) && pid == int(sender.Pid)
		}
		pid = of.Parent
	}
	socket, _ := proc.Variable(int(sender.Pid), "NOTIFY_SOCKET") // it was started by one of the run's processes
	return socket == p.notify.address
}
