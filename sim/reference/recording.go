package reference

// Recording is one file: a scenario, and what the crate did with it.
type Recording struct {
	File     string // what the file is called in messages
	scenario scenario
	trace    trace
}

// All times of a recording are in milliseconds since its supervisor started. never is later than all of them.
const never = ^uint64(0)

type scenario struct {
	settings settings
	tasks    []taskScript // given to the builder, in order
	commands []command    // by time; those of one instant in the order in which they are sent
	sampling *sampling    // nil: no periodic samples
	end      uint64
}

type settings struct {
	healthCheckInterval uint64
	maxRestartAttempts  *uint32 // nil: unlimited
	baseRestartDelay    uint64
	maxBackoffExponent  uint32
	stableAfter         uint64
	deadThreshold       *float64 // within 0 and 1, as the crate clamps it; nil: none
}

type taskScript struct {
	name  string
	steps []step
}

// step is what one run does. The last step of a script is that of all further runs as well.
type step struct {
	runFor  uint64
	outcome string
}

const (
	outcomeOK    = "ok"
	outcomeError = "error"
	outcomePanic = "panic"
	outcomeHang  = "hang" // the run never ends by itself
)

// cancelled is how a run ended that the supervisor dropped. It is no outcome: a script cannot ask for it.
const cancelled = "cancelled"

type command struct {
	at    uint64
	op    string
	task  string
	steps []step // of an add
}

const (
	opAdd             = "add"
	opKill            = "kill"
	opRestart         = "restart"
	opStatus          = "status"
	opShutdown        = "shutdown"
	opDropHandleClone = "drop_handle_clone"
)

// sampling says that all statuses are read at offset + k*period.
type sampling struct {
	period, offset uint64
}

// trace is what a supervisor did with a scenario.
type trace struct {
	refusal  string // why the scenario was refused up front; then there is nothing else
	events   []event
	commands []answer
	samples  []sample
	final    final
}

// event is the start of a run, or its end if how is not empty.
type event struct {
	at   uint64
	task string
	run  uint32
	how  string
}

type answer struct {
	at     uint64
	op     string
	task   string
	result string
}

// What a command can be answered with, apart from a status.
const (
	resultOK        = "ok"
	resultNull      = "null"       // the status of an unknown name
	resultSendError = "send_error" // the supervisor had ended
	resultRecvError = "recv_error" // it went before it answered

	// These the crate does not have: it answers ok.
	resultDuplicateName = "duplicate_name"
	resultUnknownTask   = "unknown_task"
	resultAlreadyEnded  = "already_ended"
)

type sample struct {
	at           uint64
	afterCommand bool
	statuses     map[string]string
	failure      string // in place of the statuses: resultSendError or resultRecvError
}

const (
	statusCreated   = "created"
	statusHealthy   = "healthy"
	statusFailed    = "failed"
	statusCompleted = "completed"
	statusDead      = "dead"
)

// final is how it all ended.
type final struct {
	at        uint64
	result    string
	current   float64 // finalTooManyDead: the dead share of the tasks
	threshold float64 // and the limit that it is above
	message   string
}

const (
	finalOK          = "ok"
	finalTooManyDead = "too_many_dead_tasks"
	finalRunning     = "running" // the supervisor had not ended by the end of the recording
)
