package control

import (
	"time"
)

// Info says which taskvisor answers.
type Info struct {
	PID       int       `json:"pid"`
	Guard     int       `json:"guard,omitempty"` // the process number of its guard; 0: it has none
	Version   string    `json:"version,omitempty"`
	File      string    `json:"file"` // what it runs
	Folder    string    `json:"folder"`
	Socket    string    `json:"socket"`
	Started   time.Time `json:"started"`
	Tightness string    `json:"tightness,omitempty"`
	Pages     []string  `json:"pages,omitempty"` // addresses at which it serves pages, health and metrics
}

// Tree is all tasks, those of a group behind the task that the group is.
type Tree struct {
	At    time.Time `json:"at"`
	Phase string    `json:"phase"` // of the root
	Cause string    `json:"cause,omitempty"`
	Tasks []Task    `json:"tasks"`
}

// Task is one task of a [Tree]: what docs/operating.md says of a TreeNode, as far as it is read here, and the process number.
type Task struct {
	Path         string    `json:"path"`
	Depth        int       `json:"depth,omitempty"`
	Phase        string    `json:"phase,omitempty"`        // of the supervisor that the task is; "": it is none
	PID          int       `json:"pid,omitempty"`          // of its process, while it runs
	KillSeconds  *float64  `json:"kill_seconds,omitempty"` // until its processes get SIGKILL, while it is stopped
	Name         string    `json:"name"`
	Status       string    `json:"status"`
	Why          string    `json:"why,omitempty"`
	Run          uint64    `json:"run,omitempty"`
	Live         bool      `json:"live,omitempty"`
	Since        time.Time `json:"since,omitzero"`
	SinceSeconds float64   `json:"since_seconds,omitempty"`
	Until        time.Time `json:"until,omitzero"`
	UntilSeconds *float64  `json:"until_seconds,omitempty"`
	Wait         string    `json:"wait,omitempty"`
	WaitsFor     string    `json:"waits_for,omitempty"`
	Suspended    bool      `json:"suspended,omitempty"`
	HeldBy       string    `json:"held_by,omitempty"` // operator or gate; "": it is not held
	HeldWhy      string    `json:"held_why,omitempty"`
	Unready      bool      `json:"unready,omitempty"`
	Attempts     uint32    `json:"attempts,omitempty"`
	Intent       string    `json:"intent,omitempty"`
	Fenced       uint64    `json:"fenced,omitempty"`
	LastExit     string    `json:"last_exit,omitempty"`
	LastError    string    `json:"last_error,omitempty"`
	Totals       Totals    `json:"totals,omitzero"`
}

// Totals is what has happened to a task so far.
type Totals struct {
	Starts   uint64 `json:"starts,omitempty"`
	Failures uint64 `json:"failures,omitempty"`
}

// Action is an operator command about tasks.
type Action string

// The actions.
const (
	ActionRestart Action = "restart" // starts it afresh, whatever it does
	ActionStop    Action = "stop"    // stops it, and keeps it down until it is started
	ActionStart   Action = "start"   // starts it, if it is down
	ActionSuspend Action = "suspend" // as stop
	ActionResume  Action = "resume"  // starts it again if it was stopped
	ActionReload  Action = "reload"  // has its process read its configuration again
)

// Order says about which tasks an action is.
type Order struct {
	Paths   []string `json:"paths,omitempty"`
	All     bool     `json:"all,omitempty"`      // all tasks of the root, in place of paths
	ForGood bool     `json:"for_good,omitempty"` // stop: the task then counts as dead

	// Wait is how long, in seconds, the answer may take to say what has become of the tasks; 0: it says what they do at once.
	Wait float64 `json:"wait_seconds,omitempty"`
}

// Done says what has become of an [Order].
type Done struct {
	Tasks []DoneTask `json:"tasks"`
}

// DoneTask says what has become of one task.
type DoneTask struct {
	Path   string `json:"path"`
	Status string `json:"status,omitempty"`
	Run    uint64 `json:"run,omitempty"`
	PID    int    `json:"pid,omitempty"`
	Text   string `json:"text,omitempty"` // what to know besides, for people
	Error  *Error `json:"error,omitempty"`
}

// ApplyOrder asks for the file to be read again.
type ApplyOrder struct {
	DryRun bool `json:"dry_run,omitempty"`
}

// Applied says what was, or would be, done for the file to hold.
type Applied struct {
	DryRun  bool     `json:"dry_run,omitempty"`
	Changes []Change `json:"changes"`
	Same    int      `json:"same"` // tasks that the file leaves as they are
	Errors  []string `json:"errors,omitempty"`
}

// Change is what is done about one task or group.
type Change struct {
	Path string   `json:"path"` // "": the file as a whole
	Do   string   `json:"do"`   // add, remove, replace, restart, adjust or defer
	Keys []string `json:"keys,omitempty"`
	Why  string   `json:"why,omitempty"`
	Text string   `json:"text"` // all of it, for people
}

// ShutdownOrder asks for the end of all.
type ShutdownOrder struct {
	Now bool `json:"now,omitempty"` // all are killed
}
