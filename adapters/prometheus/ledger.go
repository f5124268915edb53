package prometheus

// ledger remembers, from one scrape to the next, who has series of its own, and what those that have none have counted together.
//
// The sums of those grow by what each of them has counted since the last scrape. So they never go back, whoever comes and
// goes, or changes sides.
type ledger struct {
	scrapes     uint64
	accounts    map[key]*account
	tasks       map[string]*taskCounts // the sums of tasks without series, by supervisor
	supervisors supervisorCounts       // the sums of supervisors without series
	statusOff   bool                   // the status did not fit
}

// key names a task, or with task "" a supervisor.
type key struct{ supervisor, task string }

// account is what is known of a task or a supervisor.
type account struct {
	scrape uint64    // in which it was last seen
	own    bool      // it had series of its own then
	placed bool      // it has in this scrape
	last   []float64 // what it had counted by then
}

func newLedger() ledger {
	return ledger{accounts: make(map[key]*account), tasks: make(map[string]*taskCounts)}
}

// enter takes in a reading, and returns the samples of all series.
func (l *ledger) enter(r reading, o options) []sample {
	l.open(&r)
	withStatus := len(r.tasks) <= o.statusUpTo && !l.statusOff
	samples, all := place(&r, o.seriesLimit, withStatus)
	if !all && withStatus {
		l.statusOff = true
		samples, _ = place(&r, o.seriesLimit, false)
	}
	samples = l.settle(&r, samples)
	l.close()
	return samples
}

// open finds the accounts of all that is in a reading, or opens new ones.
func (l *ledger) open(r *reading) {
	l.scrapes++
	for i := range r.supervisors {
		s := &r.supervisors[i]
		s.account = l.account(key{s.path, ""}, len(s.counts))
	}
	for i := range r.tasks {
		t := &r.tasks[i]
		t.account = l.account(key{r.of(t).path, t.node.Name}, len(t.counts))
	}
}

func (l *ledger) account(of key, counters int) *account {
	a := l.accounts[of]
	if a == nil {
		a = &account{last: make([]float64, counters)}
		l.accounts[of] = a
	}
	a.scrape = l.scrapes
	return a
}

// close drops the accounts of what has been removed.
func (l *ledger) close() {
	for of, a := range l.accounts {
		if a.scrape != l.scrapes {
			delete(l.accounts, of)
			if of.task == "" && of.supervisor != other {
				delete(l.tasks, of.supervisor)
			}
		}
	}
}

// settle adds what was counted by those without series of their own to the sums, and returns the samples with those of the sums.
func (l *ledger) settle(r *reading, samples []sample) []sample {
	var folded folded
	for i := range r.supervisors {
		s := &r.supervisors[i]
		if !s.account.placed {
			grow(l.supervisors[:], s.counts[:], s.account.last)
			folded.add(s)
		}
		s.account.settle(s.counts[:])
	}
	for i := range r.tasks {
		t := &r.tasks[i]
		if !t.account.placed {
			at := other
			if s := r.of(t); s.account.placed {
				at = s.path
			}
			sums := l.tasks[at]
			if sums == nil {
				sums = new(taskCounts)
				l.tasks[at] = sums
			}
			grow(sums[:], t.counts[:], t.account.last)
			folded.tasks++
		}
		t.account.settle(t.counts[:])
	}
	for i := range r.supervisors {
		if s := &r.supervisors[i]; s.account.placed && l.tasks[s.path] != nil {
			samples = appendTaskCounts(samples, s.path, other, l.tasks[s.path])
		}
	}
	if sums := l.tasks[other]; sums != nil {
		samples = appendTaskCounts(samples, other, other, sums)
	}
	if folded.supervisors > 0 || l.supervisors != (supervisorCounts{}) {
		samples = folded.appendAs(samples, other, &l.supervisors)
	}
	return append(samples,
		gaugeOf(up, bit(r.up)),
		gaugeOf(tasksFolded, float64(folded.tasks)),
		gaugeOf(supervisorsFolded, float64(folded.supervisors)),
	)
}

// settle records where the account stands at the end of a scrape.
func (a *account) settle(counts []float64) {
	a.own = a.placed
	copy(a.last, counts)
}

// grow adds to sums what has been counted since a scrape. What has gone back is counted anew: it is something else of the same name.
func grow(sums, now, last []float64) {
	for i := range now {
		if now[i] < last[i] {
			clear(last)
			break
		}
	}
	for i := range now {
		sums[i] += now[i] - last[i]
	}
}

// placing is the search for who has series of its own.
type placing struct {
	samples    []sample
	series     int // of these, and those that are kept free for sums
	limit      int
	withStatus bool
	full       bool
}

// place decides who has series of its own, and returns their samples. all reports whether no one was left out.
//
// Those that had some in the last scrape come first, then the others, each in the order of the tree. Once there is no room for one,
// none of those after it gets any. A task has none if its supervisor has none.
func place(r *reading, limit int, withStatus bool) (samples []sample, all bool) {
	p := placing{limit: limit - globalSeries, withStatus: withStatus}
	for i := range r.supervisors {
		r.supervisors[i].account.placed = false
	}
	for i := range r.tasks {
		r.tasks[i].account.placed = false
	}
	p.pass(r, true)
	p.pass(r, false)
	return p.samples, !p.full
}

// pass places those that had series of their own in the last scrape, or those that had none.
func (p *placing) pass(r *reading, had bool) {
	for i := range r.tasks {
		t := &r.tasks[i]
		s := r.of(t)
		p.supervisor(s, had)
		if a := t.account; a.own == had && !p.full && s.account.placed && t.node.Name != other {
			a.placed = p.take(appendTask(p.samples, s.path, t, p.withStatus), 0)
		}
	}
	for i := range r.supervisors { // those that have no tasks
		p.supervisor(&r.supervisors[i], had)
	}
}

func (p *placing) supervisor(s *supervisorReading, had bool) {
	if a := s.account; a.own == had && !a.placed && !p.full && s.path != other {
		a.placed = p.take(appendSupervisor(p.samples, s), taskSeries)
	}
}

// take accepts more samples if there is room for their series, and for some that are reserved.
func (p *placing) take(samples []sample, reserved int) bool {
	series := p.series + reserved
	for i := range samples[len(p.samples):] {
		series += samples[len(p.samples)+i].series()
	}
	if series > p.limit {
		p.full = true
		return false
	}
	p.samples, p.series = samples, series
	return true
}
