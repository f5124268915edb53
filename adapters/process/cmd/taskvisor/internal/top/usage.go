package top

import (
	"time"
)

// usage is what a process and all that it started take.
type usage struct {
	cpu       time.Duration // of processor time, so far
	memory    uint64        // in bytes: what is in memory, what processes share counted for each
	processes int
}

// osProcess is one process of the machine.
type osProcess struct {
	pid, parent, group, session int
	usage
}

// usagesOf adds up what is taken below each of some processes: by them, by those in their sessions and groups, and by those that any of
// these started.
func usagesOf(all []osProcess, leaders []int) map[int]usage {
	owner := make(map[int]int, len(leaders)) // by process: the leader that it belongs to
	for _, leader := range leaders {
		owner[leader] = leader
	}
	parents := make(map[int]*osProcess, len(all))
	for i := range all {
		parents[all[i].pid] = &all[i]
	}
	var ownerOf func(p *osProcess, depth int) int
	ownerOf = func(p *osProcess, depth int) int {
		if leader, known := owner[p.pid]; known {
			return leader
		}
		leader := 0
		switch parent := parents[p.parent]; {
		case owner[p.session] == p.session && p.session != 0:
			leader = p.session
		case owner[p.group] == p.group && p.group != 0:
			leader = p.group
		case parent != nil && depth < maxDepth:
			leader = ownerOf(parent, depth+1)
		}
		owner[p.pid] = leader
		return leader
	}
	sums := make(map[int]usage, len(leaders))
	for i := range all {
		p := &all[i]
		leader := ownerOf(p, 0)
		if leader == 0 {
			continue
		}
		sum := sums[leader]
		sum.cpu += p.cpu
		sum.memory += p.memory
		sum.processes++
		sums[leader] = sum
	}
	return sums
}

// maxDepth is how many parents are looked at, in case they change while they are read.
const maxDepth = 100
