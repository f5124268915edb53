package taskfile

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// File is what a task file says. The zero File with a Path is an empty one, to which tasks can be added.
type File struct {
	Group

	Path     string // as it was given
	Dir      string // where relative paths in the file begin, absolute
	Procfile bool   // whether it is a Procfile, and not TOML

	// Ignored is what was read over, as foreman does with lines of a Procfile that are not "name: command".
	Ignored []Problem

	source *source
}

// Group is a supervisor with tasks, and with other groups in it. A file is one itself: its root.
type Group struct {
	Name string    // "" for the root
	At   Position  // of its header
	Keys Positions // where its values are

	// Comment is written above the group by [File.TOML], each of its lines as one. It is not read.
	Comment string

	Description   string   `toml:"description"`
	Strategy      Strategy `toml:"strategy"`
	StopOrder     Order    `toml:"stop_order"`
	Intensity     *Rate    `toml:"intensity"`
	RestartRate   *Rate    `toml:"restart_rate"`
	DeadThreshold *float64 `toml:"dead_threshold"`
	AutoShutdown  Shutdown `toml:"auto_shutdown"`

	ShutdownTimeout *Duration `toml:"shutdown_timeout"`

	Policy // of the group itself, as a task of the group around it

	Defaults *Task    `toml:"defaults"` // of the tasks in it and in the groups below it
	Tasks    []*Task  `toml:"tasks"`
	Groups   []*Group `toml:"groups"`
}

// Task is a process that is kept running.
type Task struct {
	Name string    // "" for defaults
	At   Position  // of its header
	Keys Positions // where its values are
	Type string    // its name in the file, where each of its instances has a name of its own

	// Comment is written above the task by [File.TOML], each of its lines as one. It is not read.
	Comment string

	Description     string     `toml:"description"`
	Command         string     `toml:"command"`
	Exec            []string   `toml:"exec"`
	Dir             string     `toml:"dir"`
	User            string     `toml:"user"`
	Env             []Variable `toml:"env"`
	EnvFile         Strings    `toml:"env_file"`
	ClearEnv        *bool      `toml:"clear_env"`
	Instances       *int       `toml:"instances"`
	Port            *int       `toml:"port"`
	Listen          Strings    `toml:"listen"`
	TTY             *bool      `toml:"tty"`
	Stdin           *bool      `toml:"stdin"`
	Ready           *Ready     `toml:"ready"`
	Health          *Health    `toml:"health"`
	Watchdog        *Duration  `toml:"watchdog"`
	Notify          *bool      `toml:"notify"`
	OnMiss          OnMiss     `toml:"on_miss"`
	StopSignal      Signal     `toml:"stop_signal"`
	StopMainOnly    *bool      `toml:"stop_main_only"`
	LeftoverTimeout *Duration  `toml:"leftover_timeout"`
	ReloadSignal    Signal     `toml:"reload_signal"`
	Success         []int      `toml:"success"`
	Done            []int      `toml:"done"`
	Fatal           []int      `toml:"fatal"`
	Output          *Output    `toml:"output"`

	Policy
}

// Policy says how a task is supervised, or a group as a task of the group around it. What is not set is as
// [supervisor.ForService] has it.
type Policy struct {
	Needs           []string    `toml:"needs"`
	BoundTo         []string    `toml:"bound_to"`
	Restart         Restart     `toml:"restart"`
	BaseDelay       *Duration   `toml:"base_delay"`
	Factor          *uint32     `toml:"factor"`
	MaxExponent     *uint32     `toml:"max_exponent"`
	MaxDelay        *Duration   `toml:"max_delay"`
	Jitter          *float64    `toml:"jitter"`
	Attempts        *Attempts   `toml:"attempts"`
	StableAfter     *Duration   `toml:"stable_after"`
	MinUptime       *Duration   `toml:"min_uptime"`
	StartTimeout    *Duration   `toml:"start_timeout"`
	StopTimeout     *Duration   `toml:"stop_timeout"`
	HungStopTimeout *Duration   `toml:"hung_stop_timeout"`
	OnExhausted     OnExhausted `toml:"on_exhausted"`
	OnAbandon       OnAbandon   `toml:"on_abandon"`
	Significant     *bool       `toml:"significant"`
	Suspended       *bool       `toml:"suspended"`
}

// Ready says how it is found out when a process is ready. Exactly one of the ways is set.
type Ready struct {
	Port     string    `toml:"port"`
	HTTP     string    `toml:"http"`
	Line     string    `toml:"line"`
	File     string    `toml:"file"`
	Command  string    `toml:"command"`
	Exec     []string  `toml:"exec"`
	Notify   *bool     `toml:"notify"`
	End      *bool     `toml:"end"` // it is ready when it has ended well: what needs it waits for that
	Status   []int     `toml:"status"`
	Interval *Duration `toml:"interval"`
}

// Health says how it is found out whether a process that runs is well. Exactly one of the ways is set.
type Health struct {
	Port     string    `toml:"port"`
	HTTP     string    `toml:"http"`
	Command  string    `toml:"command"`
	Exec     []string  `toml:"exec"`
	Status   []int     `toml:"status"`
	Interval *Duration `toml:"interval"`
	Timeout  *Duration `toml:"timeout"`
	Failures *int      `toml:"failures"`
}

// Output says what becomes of what a process prints.
type Output struct {
	Hidden   *bool    `toml:"hidden"`
	Buffer   *Size    `toml:"buffer"`
	WhenFull WhenFull `toml:"when_full"`
	MaxLine  *Size    `toml:"max_line"`
	Tail     *int     `toml:"tail"`
	Log      string   `toml:"log"`
	MaxSize  *Size    `toml:"max_size"`
	Keep     *int     `toml:"keep"`
}

// Rate is a number of times within any window of a length.
type Rate struct {
	Count  int      `toml:"count"`
	Within Duration `toml:"within"`
}

// The words of a file, each with what it is for the supervisor. The empty word is the default.
type (
	Strategy    string
	Order       string
	Shutdown    string
	Restart     string
	OnExhausted string
	OnAbandon   string
	OnMiss      string
	WhenFull    string
)

// word is a string type that only has some values.
type word interface{ words() []string }

func (Strategy) words() []string    { return []string{"one-for-one", "one-for-all", "rest-for-one"} }
func (Order) words() []string       { return []string{"by-strategy", "together", "reverse"} }
func (Shutdown) words() []string    { return []string{"never", "all", "any"} }
func (Restart) words() []string     { return []string{"on-failure", "always", "never"} }
func (OnExhausted) words() []string { return []string{"dead", "escalate"} }
func (OnAbandon) words() []string   { return []string{"wait", "replace", "escalate"} }
func (OnMiss) words() []string      { return []string{"restart", "report"} }
func (WhenFull) words() []string    { return []string{"drop", "block"} }

// Strategy returns what the word is for a supervisor.
func (s Strategy) Strategy() supervisor.Strategy {
	return [...]supervisor.Strategy{supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne}[index(s, s)]
}

// StopOrder returns what the word is for a supervisor.
func (o Order) StopOrder() supervisor.StopOrder {
	return [...]supervisor.StopOrder{supervisor.StopByStrategy, supervisor.StopTogether, supervisor.StopReverse}[index(o, o)]
}

// AutoShutdown returns what the word is for a supervisor.
func (s Shutdown) AutoShutdown() supervisor.AutoShutdown {
	return [...]supervisor.AutoShutdown{supervisor.AutoShutdownNever, supervisor.AutoShutdownAll, supervisor.AutoShutdownAny}[index(s, s)]
}

// Restart returns what the word is for a supervisor.
func (r Restart) Restart() supervisor.Restart {
	return [...]supervisor.Restart{supervisor.RestartOnFailure, supervisor.RestartAlways, supervisor.RestartNever}[index(r, r)]
}

// OnExhausted returns what the word is for a supervisor.
func (o OnExhausted) OnExhausted() supervisor.OnExhausted {
	return [...]supervisor.OnExhausted{supervisor.ExhaustedDead, supervisor.ExhaustedEscalate}[index(o, o)]
}

// OnAbandon returns what the word is for a supervisor.
func (o OnAbandon) OnAbandon() supervisor.OnAbandon {
	return [...]supervisor.OnAbandon{supervisor.AbandonWait, supervisor.AbandonReplace, supervisor.AbandonEscalate}[index(o, o)]
}

// OnMiss returns what the word is for a supervisor.
func (o OnMiss) OnMiss() supervisor.OnMiss {
	return [...]supervisor.OnMiss{supervisor.MissRestart, supervisor.MissReport}[index(o, o)]
}

// Blocks reports whether a process waits when the buffer is full, and nothing that it prints is dropped.
func (w WhenFull) Blocks() bool { return w == "block" }

// index returns which of the words it is; the first if it is none.
func index[T ~string](value T, of word) int { return max(0, slices.Index(of.words(), string(value))) }

// Member is a task or a group of a group.
type Member struct {
	Task  *Task // or else
	Group *Group
}

// Name returns the name of the task or group.
func (m Member) Name() string {
	if m.Task != nil {
		return m.Task.Name
	}
	return m.Group.Name
}

// Policy returns how it is supervised.
func (m Member) Policy() *Policy {
	if m.Task != nil {
		return &m.Task.Policy
	}
	return &m.Group.Policy
}

// At returns where it is in the file.
func (m Member) At() Position {
	if m.Task != nil {
		return m.Task.At
	}
	return m.Group.At
}

// Positions returns where its values are.
func (m Member) Positions() Positions {
	if m.Task != nil {
		return m.Task.Keys
	}
	return m.Group.Keys
}

// Members returns the tasks and groups in the order of the file. Those that are not from a file come first.
func (g *Group) Members() []Member {
	members := make([]Member, 0, len(g.Tasks)+len(g.Groups))
	for _, t := range g.Tasks {
		members = append(members, Member{Task: t})
	}
	for _, below := range g.Groups {
		members = append(members, Member{Group: below})
	}
	slices.SortStableFunc(members, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.At().Line, b.At().Line), cmp.Compare(a.At().Column, b.At().Column))
	})
	return members
}

// All returns every task of the group and of those below it by its path, such as "workers/mail", in the order of the file.
func (g *Group) All() (paths []string, tasks []*Task) { return g.appendAll("", nil, nil) }

func (g *Group) appendAll(above string, paths []string, tasks []*Task) ([]string, []*Task) {
	for _, m := range g.Members() {
		if m.Task != nil {
			paths, tasks = append(paths, above+m.Name()), append(tasks, m.Task)
		} else {
			paths, tasks = m.Group.appendAll(above+m.Name()+"/", paths, tasks)
		}
	}
	return paths, tasks
}
