package web

// decisionLog keeps the latest decisions of all tasks, in a list through all and in one for each task. What leaves makes room for
// what comes.
type decisionLog struct {
	all         []decision
	first, last int32 // of all; -1: none
	free        int32 // the first unused one; they hang together by next
	kept        int
}

// add adds a decision about a task, and drops what is too much: of that task, and then in all. It returns how many of other tasks,
// or of this one, had to go because there were too many in all.
func (l *decisionLog) add(of *past, d decision) (dropped uint64) {
	if of.kept >= decisionsOfATask {
		l.dropFirst(of)
		of.forgotten++
	}
	if l.kept >= decisionsInAll {
		oldest := l.all[l.first].of
		l.dropFirst(oldest) // the oldest of all is the oldest of its task
		oldest.forgotten++
		dropped++
	}
	i := l.free
	if i >= 0 {
		l.free = l.all[i].next
	} else {
		i = int32(len(l.all))
		l.all = append(l.all, decision{})
	}
	d.older, d.newer, d.next, d.of = l.last, -1, -1, of
	l.all[i] = d
	if l.last >= 0 {
		l.all[l.last].newer = i
	} else {
		l.first = i
	}
	l.last = i
	if of.last >= 0 {
		l.all[of.last].next = i
	} else {
		of.first = i
	}
	of.last = i
	of.kept++
	l.kept++
	return dropped
}

// dropFirst drops the oldest decision about a task, which has some.
func (l *decisionLog) dropFirst(of *past) {
	i := of.first
	d := &l.all[i]
	if d.older >= 0 {
		l.all[d.older].newer = d.newer
	} else {
		l.first = d.newer
	}
	if d.newer >= 0 {
		l.all[d.newer].older = d.older
	} else {
		l.last = d.older
	}
	of.first = d.next
	if of.first < 0 {
		of.last = -1
	}
	of.kept--
	l.kept--
	*d = decision{next: l.free}
	l.free = i
}
