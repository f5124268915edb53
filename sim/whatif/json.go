package whatif

import (
	"encoding/json"
	"io"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WriteJSON writes the outcomes for another program: an array with one object for each, in which instants and durations are
// nanoseconds and statuses and reasons are words. Differences are left to the reader.
func WriteJSON(w io.Writer, outcomes []*Outcome) error {
	all := []jsonOutcome{}
	for _, o := range outcomes {
		one := jsonOutcome{
			Case: o.Case, From: o.From, To: o.To, Restarts: o.Restarts, AfterFailures: o.Causes.Failure, AfterGoodEnds: o.Causes.GoodEnd,
			AfterLosses: o.Causes.Loss, ByCommands: o.Causes.Command, Peak: o.Peak, PeakAt: o.PeakAt, Down: o.Down, Worst: o.Worst, Along: o.Along, Deaths: o.Deaths,
			Trips: o.Trips, Tasks: []jsonTask{}, Notes: o.Notes,
		}
		if o.Halted != core.ReasonNone {
			one.Halted, one.HaltedAt = o.Halted.String(), &o.HaltedAt
		}
		for _, task := range o.Tasks {
			one.Tasks = append(one.Tasks, jsonTask{task.Name, task.Restarts, task.Down, task.End.String()})
		}
		all = append(all, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}

type jsonOutcome struct {
	Case          string         `json:"case"`
	From          core.Instant   `json:"from"`
	To            core.Instant   `json:"to"`
	Restarts      int            `json:"restarts"`
	AfterFailures int            `json:"restarts_after_failures"`
	AfterGoodEnds int            `json:"restarts_after_good_ends"`
	AfterLosses   int            `json:"restarts_after_losses,omitempty"`
	ByCommands    int            `json:"restarts_by_commands"`
	Peak          int            `json:"most_in_a_second"`
	PeakAt        core.Duration  `json:"most_in_a_second_after"`
	Down          core.Duration  `json:"down"`
	Worst         core.Duration  `json:"down_worst_task"`
	Along         int            `json:"stopped_with_others"`
	Deaths        int            `json:"deaths"`
	Trips         int            `json:"gave_up"`
	Halted        string         `json:"halted,omitempty"`
	HaltedAt      *core.Duration `json:"halted_after,omitempty"`
	Tasks         []jsonTask     `json:"tasks"`
	Notes         []string       `json:"notes,omitempty"`
}

type jsonTask struct {
	Name     string        `json:"name"`
	Restarts int           `json:"restarts"`
	Down     core.Duration `json:"down"`
	End      string        `json:"at_the_end"`
}
