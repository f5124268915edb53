package screen

import (
	"slices"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// Outputs is where all that tasks write goes to: the printer, the hub, and log files. All methods can be called from anywhere.
type Outputs struct {
	Printer *Printer
	Hub     *Hub
	files   *Files
	mu      sync.Mutex
}

// TaskOutput says where what one task writes goes to, besides the hub.
type TaskOutput struct {
	Hidden bool   // it is not printed
	Block  bool   // when the printer's output is too slow the task waits; else lines are left out there, and counted
	Log    string // the path of a log file, or with a slash at its end of a folder for log files; "": none
	File   FileSettings
}

// NewOutputs makes outputs for a printer, which tells of trouble with log files.
func NewOutputs(printer *Printer) *Outputs {
	o := &Outputs{Printer: printer, Hub: NewHub()}
	o.files = NewFiles(printer.Warn)
	return o
}

// Lines returns what takes the lines of a task from now on: what took them before does the same from now on. The error is one of the
// log file.
func (o *Outputs) Lines(task string, set TaskOutput) (func(process.Line), error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var source *Source
	var log *LogWriter
	if set.Log != "" {
		var err error
		if log, err = o.files.Open(LogPath(set.Log, task), task, set.File); err != nil {
			return nil, err
		}
	}
	if !set.Hidden {
		source = o.Printer.Source(task, set.Block)
	}
	return o.Hub.Sink(task, source, log).Line, nil
}

// Keep forgets all tasks but some: their last lines, and their log files, which are closed.
func (o *Outputs) Keep(tasks []string) {
	for _, task := range o.Hub.Tasks() {
		if !slices.Contains(tasks, task) {
			o.Hub.Remove(task)
		}
	}
}

// Close closes all log files. It does not close the printer.
func (o *Outputs) Close() { o.Hub.Close() }
