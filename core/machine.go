package core

// Machine is the state of one supervisor. Make it with [New], or fill one with [Machine.UnmarshalBinary] or
// [Machine.CopyFrom]. It is not safe for concurrent use: it has one owner, which calls everything.
type Machine struct {
	config   Config   // without its policies
	policies []Policy // at least one

	now        Instant // the latest instant seen
	started    Instant // when the supervisor started; the health checks' grid begins here
	checkAt    Instant // the health check that will find too many tasks dead, or Never
	shutdownAt Instant // when the shutdown has taken too long, or Never
	phase      Phase
	haltReason Reason
	culprit    TaskID // whom the halt is about, if about one task

	tasks      []task // by slot
	free       []uint32
	generation uint64 // tasks ever added
	first      uint32 // the ends of the list of tasks in declared order, as slots
	last       uint32
	cursor     uint32 // a shutdown one by one has dealt with every task behind this slot
	timers     timers

	counts           [statuses]uint32
	left             uint32 // abandoned runs that are alive
	significant      uint32 // significant tasks
	significantEnded uint32 // of these, Completed or Dead
}

// New returns a machine without tasks, in PhaseCreated. The error is a [*ConfigError] that names every bad field.
func New(cfg Config) (*Machine, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m := &Machine{
		config:     cfg,
		policies:   append([]Policy(nil), cfg.Policies...),
		now:        beginning,
		checkAt:    Never,
		shutdownAt: Never,
		first:      noSlot,
		last:       noSlot,
		cursor:     noSlot,
	}
	m.config.Policies = nil
	if len(m.policies) == 0 {
		m.policies = append(m.policies, DefaultPolicy())
	}
	if m.config.MaxTasks == 0 {
		m.config.MaxTasks = MaxTasks
	}
	return m, nil
}

// Define adds a policy to those that tasks can refer to and returns its id; a policy equal to a known one has that
// one's id. The error is a [*ConfigError] or [ErrTooManyPolicies].
//
// Definitions are input like events are: whoever records or replicates a machine's events includes them, in order.
func (m *Machine) Define(p Policy) (PolicyID, error) {
	for i := range m.policies {
		if m.policies[i] == p {
			return PolicyID(i), nil
		}
	}
	var check validation
	check.policy("", p, m.config.factorMax())
	if err := check.err(); err != nil {
		return 0, err
	}
	if len(m.policies) == policiesMax {
		return 0, ErrTooManyPolicies
	}
	m.policies = append(m.policies, p)
	return PolicyID(len(m.policies) - 1), nil
}

// Step decides what follows from one event, and appends these decisions to dst in the order in which they are to be
// carried out. Timers that are due by the event's instant fire before it, each at its own deadline (D3), and no timer
// is left due behind it.
//
// Every event is accepted or answered by one ActionReject; none is lost, and none makes Step fail. Apart from growing
// dst, and the machine's own tables when a task is added, Step does not allocate.
func (m *Machine) Step(dst []Action, ev Event) []Action {
	if ev.At > m.now {
		dst = m.fireTimers(dst, ev.At)
		m.now = ev.At
	}
	dst = m.apply(dst, &ev)
	dst = m.superviseAll(dst)
	return m.fireTimers(dst, m.now)
}

// NextDeadline returns the instant at which the next EventTick is due. ok is false when nothing is scheduled: then
// only another event can lead to a decision.
//
// It is later than every instant the machine has seen. Ask again after every Step: a deadline can move both ways.
func (m *Machine) NextDeadline() (at Instant, ok bool) {
	at = min(m.timers.next(), m.checkAt, m.shutdownAt)
	return at, at != Never
}

// fireTimers fires what is due by the instant, in the order of deadlines. Of timers due at one instant the tasks'
// come first, in declared order, then the health check, then the shutdown timeout.
func (m *Machine) fireTimers(dst []Action, by Instant) []Action {
	for {
		due := m.timers.next()
		switch {
		case due <= m.checkAt && due <= m.shutdownAt:
			if due > by || due == Never {
				return dst
			}
			m.now = max(m.now, due)
			dst = m.fireTask(dst, m.timers.heap[0].task)
		case m.checkAt <= m.shutdownAt:
			if m.checkAt > by {
				return dst
			}
			m.now = max(m.now, m.checkAt)
			m.checkAt = Never
			dst = m.beginHalt(dst, ReasonTooManyDead, 0)
		default:
			if m.shutdownAt > by {
				return dst
			}
			m.now = max(m.now, m.shutdownAt)
			m.shutdownAt = Never
			dst = m.abandonAll(dst)
		}
		dst = m.superviseAll(dst)
	}
}

func (m *Machine) apply(dst []Action, ev *Event) []Action {
	switch ev.Kind {
	case EventTick:
		return dst
	case EventStart:
		return m.start(dst, ev)
	case EventAdd:
		return m.add(dst, ev)
	case EventExit:
		return m.exit(dst, ev)
	case EventRemove, EventRestart, EventKill:
		return m.operate(dst, ev)
	case EventShutdown:
		if refusal := m.refusal(); refusal != ReasonNone {
			return m.reject(dst, ev, refusal)
		}
		return m.beginHalt(dst, ReasonShutdown, 0)
	case eventKinds:
	}
	return m.reject(dst, ev, ReasonUnknownEvent)
}

func (m *Machine) start(dst []Action, ev *Event) []Action {
	if refusal := m.refusal(); refusal != ReasonNone {
		return m.reject(dst, ev, refusal)
	}
	if m.phase == PhaseRunning {
		return m.reject(dst, ev, ReasonAlreadyStarted)
	}
	m.phase = PhaseRunning
	m.started = m.now
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		if t := &m.tasks[slot]; t.status == StatusCreated {
			dst = m.startRun(dst, t, ReasonSupervisorStart)
		}
	}
	return dst
}

// refusal says why operators' words are no longer heard, or ReasonNone while they are.
func (m *Machine) refusal() Reason {
	switch m.phase {
	case PhaseCreated, PhaseRunning:
		return ReasonNone
	case PhaseHalting:
		return ReasonShuttingDown
	case PhaseHalted, phases:
	}
	return ReasonSupervisorDone
}

func (m *Machine) reject(dst []Action, ev *Event, why Reason) []Action {
	action := Action{Kind: ActionReject, At: m.now, Until: Never, Task: ev.Task, Run: ev.Run, Why: why}
	if t := m.task(ev.Task); t != nil {
		action.From, action.To, action.Attempts = t.status, t.status, m.attemptsNow(t)
	}
	return append(dst, action)
}
