package scenario

// written is what a recorder calls the policies, or the limits, that it has written down.
type written[ID ~uint64] struct {
	names map[ID]string
	sweep int // how many there are when those that the machine has forgotten are dropped
}

// name returns what a policy or limits are called, or "" if they are not written down.
func (w *written[ID]) name(id ID) string { return w.names[id] }

// add notes what a policy or limits are called. known reports whether the machine has not forgotten an id.
func (w *written[ID]) add(id ID, name string, known func(ID) bool) {
	if w.names == nil {
		w.names = map[ID]string{}
	}
	if len(w.names) >= max(w.sweep, 256) {
		for old := range w.names {
			if !known(old) {
				delete(w.names, old)
			}
		}
		w.sweep = 2 * len(w.names)
	}
	w.names[id] = name
}
