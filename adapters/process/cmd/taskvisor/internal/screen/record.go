package screen

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Record is a line as an object of JSON. What the supervisor says has no task.
type Record struct {
	Time      time.Time `json:"time"`
	Task      string    `json:"task,omitempty"`
	Run       uint64    `json:"run,omitempty"`
	Stream    string    `json:"stream"`          // stdout, stderr, terminal or notice
	Level     string    `json:"level,omitempty"` // of what the supervisor says: info, warn or error
	Text      string    `json:"text"`
	Partial   bool      `json:"partial,omitempty"`   // the end of the line has not come yet
	Cut       bool      `json:"cut,omitempty"`       // the line is too long to be kept as one
	Continues bool      `json:"continues,omitempty"` // it is the rest of the line before it
}

func recordOf(task string, line *process.Line) Record {
	return Record{
		Time: line.Time.UTC(), Task: task, Run: uint64(line.Run), Stream: line.Stream.String(), Text: line.Text,
		Partial: line.Partial, Cut: line.Cut, Continues: line.Continues,
	}
}

// Line returns what the record is of.
func (r *Record) Line() process.Line {
	line := process.Line{Time: r.Time, Run: supervisor.RunNumber(r.Run), Text: r.Text, Partial: r.Partial, Cut: r.Cut, Continues: r.Continues}
	for s := range process.Stream(streams) {
		if s.String() == r.Stream {
			line.Stream = s
		}
	}
	return line
}

// append appends the record as a line.
func (r *Record) append(dst []byte) []byte {
	out := bytes.NewBuffer(dst)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(r) // it has nothing that JSON has no word for
	return out.Bytes()
}

// Record returns the entry as an object.
func (e *Entry) Record() Record { return recordOf(e.Task, &e.Line) }
