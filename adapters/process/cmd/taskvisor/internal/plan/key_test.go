package plan_test

import "hash/fnv"

// key is what a supervisor draws a task's jitter from.
func key(name string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return h.Sum32()
}
