//go:build unix

package control

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// isOwn reports whether a file belongs to this user.
func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}

// lock keeps other processes from claiming a socket in a folder. It leaves nothing behind. Where a file system has no locks, or someone
// holds this one for something else, two that are started in the same instant may miss each other.
func lock(folder string) (unlock func(), err error) {
	file, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	const tries, pause = 50, 20 * time.Millisecond
	for range tries {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		time.Sleep(pause)
	}
	return func() { _ = file.Close() }, nil
}
