package clock

import "github.com/tasksupervisor/tasksupervisor/core"

// WakeOrder wakes the sources due by an instant as a move to it does, and returns their indexes, in the order of
// making, in the order in which they are woken.
func WakeOrder(v *Virtual, by core.Instant) []int {
	v.mu.Lock()
	defer v.mu.Unlock()
	var order []int
	for source := v.wakeNext(by); source != nil; source = v.wakeNext(by) {
		order = append(order, int(source.number)-1)
	}
	return order
}

// Kept returns how many sources the clock keeps from being collected, and for how many it has room.
func Kept(v *Virtual) (sources, room int) {
	for _, source := range v.armed {
		if source != nil {
			sources++
		}
	}
	return sources, len(v.armed)
}
