package leash

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// What of struct kinfo_proc is looked at, see sys/user.h. Its size is its first member, and says whether this is its layout.
const (
	sizeOfProcess = 1088 // where a pointer has 64 bits
	stateOffset   = 388
	zombie        = 5 // SZOMB
)

// aliveIn returns how many processes of a process group are alive, zombies aside.
func aliveIn(group int) (int, error) {
	processes, err := unix.SysctlRaw("kern.proc.pgrp", group)
	if errors.Is(err, unix.ESRCH) {
		return 0, nil
	}
	alive := 0
	for ; err == nil && len(processes) >= 4; processes = processes[sizeOfProcess:] {
		if size := binary.NativeEndian.Uint32(processes); size != sizeOfProcess || len(processes) < sizeOfProcess {
			return 0, fmt.Errorf("a process takes %d bytes in the table of the kernel, not %d", size, sizeOfProcess)
		}
		if processes[stateOffset] != zombie {
			alive++
		}
	}
	return alive, err
}
