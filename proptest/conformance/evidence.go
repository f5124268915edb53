package conformance

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// evidence is what was seen of a runtime in one scenario. Its instants are the harness's.
type evidence struct {
	scenario  string
	config    core.Config
	recording recording

	mu           sync.Mutex
	observedRuns []*observedRun
	probeCalls   []*probeCall
	calls        []*call
	queries      []query
	waits        []*waiting
	made         []*made
	observed     []observation
	doneSeen     map[<-chan struct{}]bool
	ended        []ended       // runs whose contexts are to be looked at when all has settled
	stuck        int           // runs that ignore their stop
	begun        bool          // the runtime was started
	order        *atomic.Int64 // the number of the latest thing that a run did, in the whole tree

	life      // the latest
	earlier   []life
	current   int          // the number of the latest life, from 0
	parent    *origin      // the value of the context given to the latest Start
	last      Report       // when the scenario was over
	disturbed bool         // there are bad observers
	leaked    []string     // the goroutines that are left
	nested    []*evidence  // of the runtimes that ran in runs
	subtrees  []*subtree   // the supervisors that are tasks
	inside    *subtree     // which of these it is itself; nil if it is none
	bornAt    core.Instant // when a life that began inside the runtime did
	declared  []*call      // the tasks that a supervisor had when it was made to go on with the life of another
}

// origin is the value of a context given to Start.
type origin struct{ life int }

// observedRun is one run as the world saw it.
type observedRun struct {
	task    string
	run     core.Run           // as the runtime called it
	life    int                // in which it began
	failure error              // what it returns or panics with
	copy    *made              // what it does was made anew; nil if not
	orders  chan core.ExitKind // tells it to end now

	started core.Instant
	asked   core.Instant // when it was asked to stop; Never if it was not
	cause   error        // why
	why     core.Reason  // what the runtime makes of that
	ended   core.Instant // Never while it lives
	how     core.ExitKind
	delay   core.Duration // that it asked for; 0: none
	said    []said
	born    int // in the order of all that runs do: when it started,
	heard   int // when it saw that it was asked to stop; 0 if it has not,
	died    int // and when it ended; 0 if it has not

	over     bool // its context had ended by its start
	reused   bool // its context was another run's, or cannot end
	valued   bool // its context has the value of the parent's
	deadline bool // its context has a deadline
	outlived bool // its context had not ended when the run had, and all had settled
}

// ended is a run that has ended, with its context.
type ended struct {
	run *observedRun
	ctx context.Context
}

// said is what a run said of itself.
type said struct {
	saying
	at    core.Instant
	order int // of all that runs do
}

// probeCall is one call of a probe.
type probeCall struct {
	task     string
	run      core.Run // as the runtime called it
	life     int      // in which it was made
	at       core.Instant
	answered core.Instant // Never if it was not
	how      core.ExitKind
}

// call is one call of a method of the runtime.
type call struct {
	op     string // of the event it gives, or that of a query
	task   string
	given  string // the policy or limits
	needs  []Need
	asleep bool // the task is added suspended
	held   bool // the task is added held
	life   int  // in which it was made

	lines    int  // how many lines the recording had
	waits    bool // it does not return before that is done
	early    bool // before Start
	at       core.Instant
	answered core.Instant // Never if it has not returned
	err      error
	refusal  core.Refusal // what the runtime makes of that
	stuck    bool         // runs ignored their stop meanwhile
}

// query is a status, asked for when everything had settled.
type query struct {
	task    string
	life    int
	moment  int // the same for all that was asked when everything had settled
	at      core.Instant
	status  Status
	err     error
	refusal core.Refusal // what the runtime makes of that
	lines   int          // how many lines the recording had
	order   int          // of the latest thing that a run did
}

// waiting is one call of Wait.
type waiting struct {
	life     int
	at       core.Instant
	returned core.Instant // Never if it has not
	err      error
	why      core.Reason // what the runtime makes of that
	culprit  culprit     // the culprit that it names
	report   Report      // right after it had
}

// culprit is the task and run that a halt is about.
type culprit struct {
	task string
	run  core.Run
}

// observation is what an observer was told.
type observation struct {
	task   string
	action core.Action
	life   int // in which it was told
}

// parentKey is the key of a value in the context given to Start.
type parentKey struct{}

// made is what one run does, made anew.
type made struct {
	task string
	at   core.Instant
}

// birth records the start of a run.
func (e *evidence) birth(ctx context.Context, l *observedRun) {
	e.mu.Lock()
	defer e.mu.Unlock()
	done := ctx.Done()
	l.over = ctx.Err() != nil // then its channel is the one that all such contexts share
	l.reused = done == nil || !l.over && e.doneSeen[done]
	e.doneSeen[done] = true
	l.valued = ctx.Value(parentKey{}) == e.parent
	l.life = e.current
	_, l.deadline = ctx.Deadline()
	l.born = e.next()
	e.observedRuns = append(e.observedRuns, l)
}

func (e *evidence) stop(l *observedRun, at core.Instant, cause error, why core.Reason) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l.died != 0 {
		return
	}
	l.asked, l.cause, l.why, l.heard = at, cause, why, e.next()
	e.stuck++
}

func (e *evidence) death(ctx context.Context, l *observedRun, at core.Instant, how core.ExitKind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = append(e.ended, ended{l, ctx})
	l.ended, l.how, l.died = at, how, e.next()
	if l.asked != core.Never {
		e.stuck--
	}
}

// lookAtContexts looks whether the contexts of the runs that have ended have ended too. All has settled.
func (e *evidence) lookAtContexts() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.ended {
		r.run.outlived = r.ctx.Err() == nil
	}
	e.ended = nil
}

// next numbers what a run does.
func (e *evidence) next() int { return int(e.order.Add(1)) }

// latest returns the number of the latest thing that a run did.
func (e *evidence) latest() int { return int(e.order.Load()) }

// living returns the runs that have not ended.
func (e *evidence) living() []*observedRun {
	e.mu.Lock()
	defer e.mu.Unlock()
	var living []*observedRun
	for _, l := range e.observedRuns {
		if l.ended == core.Never {
			living = append(living, l)
		}
	}
	return living
}

// recording is what the runtime records.
type recording struct {
	now func() core.Instant

	hold atomic.Pointer[func(line []byte)] // called before each line is written; a runtime may write at any time, so it is atomic

	mu    sync.Mutex
	text  []byte
	wrote []core.Instant // when each line was written
}

// Write implements io.Writer.
func (r *recording) Write(p []byte) (int, error) {
	if hold := r.hold.Load(); hold != nil {
		(*hold)(p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, p...)
	r.wrote = append(r.wrote, slices.Repeat([]core.Instant{r.now()}, bytes.Count(p, []byte("\n")))...)
	return len(p), nil
}

func (r *recording) bytes() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.text)
}

func (r *recording) lines() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.wrote)
}
