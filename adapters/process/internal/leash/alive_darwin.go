package leash

import "golang.org/x/sys/unix"

const zombie = 5 // SZOMB

// aliveIn returns how many processes of a process group are alive, zombies aside.
func aliveIn(group int) (int, error) {
	members, err := unix.SysctlKinfoProcSlice("kern.proc.pgrp", group)
	alive := 0
	for i := range members {
		if members[i].Proc.P_stat != zombie {
			alive++
		}
	}
	return alive, err
}
