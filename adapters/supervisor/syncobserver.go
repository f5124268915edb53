package supervisor

import "time"

// awaited is an observer that has to be told all up to a transition before the decision goes on.
type awaited struct {
	observer *observer
	next     uint64 // the number of the next transition after those
}

// await has an observer waited for when the mutex is unlocked, until it has been told all so far.
func (m *mutex) await(o *observer) {
	next := o.nextNumber()
	for i := range m.awaited {
		if m.awaited[i].observer == o {
			m.awaited[i].next = next
			return
		}
	}
	m.awaited = append(m.awaited, awaited{o, next})
}

// await waits for observers, unless one of them is the caller: it would wait for itself.
func await(all []awaited) {
	if len(all) == 0 || isObserving() {
		return
	}
	for _, a := range all {
		a.observer.await(a.next)
	}
}

// await waits until the observer has been told all up to a transition, for as long as it may.
func (o *observer) await(next uint64) {
	told := o.toldUpTo(next)
	if told == nil {
		return
	}
	timer := time.NewTimer(o.atMost)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
		o.mu.Lock()
		defer o.mu.Unlock()
		o.late = o.running
		o.stats.Late++
	}
}

// toldUpTo returns a channel that is closed when the observer has been told all up to a transition; nil if it has been told,
// or is so late that it is not waited for.
func (o *observer) toldUpTo(next uint64) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !o.running:
		return nil
	case o.late:
		o.stats.Late++
		return nil
	}
	d := drain{next, make(chan struct{})}
	o.drains = append(o.drains, d)
	return d.over
}

func (o *observer) nextNumber() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next
}
