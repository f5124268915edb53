//go:build unix

package process

import (
	"os"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// openPTY makes a terminal of a size: the side that is read and written here, and that of the command.
func openPTY(rows, columns uint16) (here *os.File, theirs *os.File, err error) {
	blocking, theirs, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = blocking.Close() }()
	if err := pty.Setsize(theirs, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		_ = theirs.Close()
		return nil, nil, err
	}
	// Package pty leaves a file behind that blocks a thread, and cannot be closed while it is read.
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		_ = theirs.Close()
		return nil, nil, err
	}
	return os.NewFile(uintptr(fd), blocking.Name()), theirs, nil
}

// resizePTY changes the size of a terminal. What runs there gets SIGWINCH.
func resizePTY(here *os.File, rows, columns uint16) error {
	raw, err := here.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns})
	})
	if err != nil {
		return err
	}
	return refused
}
