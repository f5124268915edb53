package leash

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pollable makes a file of a pidfd. Who waits for it waits in the poller.
func pollable(pidfd int) *os.File {
	_ = unix.SetNonblock(pidfd, true)
	return os.NewFile(uintptr(pidfd), "pidfd")
}

// await waits until a question has yes for an answer. It is asked first, and whenever a file that can be polled has news. If
// somebody sets a deadline of the file that has passed, or closes it, that is the error.
func await(file *os.File, question func(fd int) bool) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	return conn.Read(func(fd uintptr) bool { return question(int(fd)) })
}

// awaitChild waits until the child of a pidfd has ended, also where the poller has no room for it.
func awaitChild(pidfd *os.File) {
	if await(pidfd, childEnded) == nil {
		return
	}
	conn, err := pidfd.SyscallConn()
	for over := err != nil; !over; {
		time.Sleep(lookAgain)
		if conn.Control(func(fd uintptr) { over = childEnded(int(fd)) }) != nil {
			return
		}
	}
}

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// childEnded reports whether a child has ended, which leaves it a zombie. A child that something else has waited for has ended.
func childEnded(pidfd int) bool {
	var info unix.Siginfo
	err := ignoringEINTR(func() error {
		return unix.Waitid(unix.P_PIDFD, pidfd, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	})
	return err != nil || info.Signo != 0
}

// ended reports whether the process of a pidfd, which need not be a child, has ended.
func ended(pidfd int) bool {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0
}

// signalBy sends a signal to the process of a pidfd. One that has ended needs none.
func signalBy(file *os.File, signal unix.Signal) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := conn.Control(func(fd uintptr) { sent = unix.PidfdSendSignal(int(fd), signal, nil, 0) }); err != nil {
		return err
	}
	if errors.Is(sent, unix.ESRCH) {
		return nil
	}
	return sent
}
