// Package look is how a task looks on paper: on the simulator's timeline, and on the live page. Whoever has read one can read the
// other.
package look

import (
	"iter"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Class is what a stretch of a task's life looks like: its status, where that says enough.
type Class int

// The classes.
const (
	Created Class = iota
	Waiting
	Suspended
	Starting
	Healthy
	Stopping
	StoppingWithOthers
	StoppingMissed
	Failed
	OthersStop
	RestartRate
	Completed
	Dead
	Halted
	Abandoned

	Classes // how many there are; keep it last
)

// Of returns the class of a task that has a status for a reason, and waits for something if it waits.
func Of(status core.Status, wait core.Wait, why core.Reason) Class {
	switch status {
	case core.StatusStarting:
		return Starting
	case core.StatusHealthy:
		return Healthy
	case core.StatusStopping:
		switch {
		case why == core.ReasonSibling, why == core.ReasonDependency:
			return StoppingWithOthers
		case why.Hangs():
			return StoppingMissed
		}
		return Stopping
	case core.StatusCompleted:
		return Completed
	case core.StatusDead:
		return Dead
	case core.StatusHalted:
		return Halted
	case core.StatusAbandoned:
		return Abandoned
	case core.StatusNone, core.StatusCreated, core.StatusFailed:
	}
	switch wait {
	case core.WaitSuspended:
		return Suspended
	case core.WaitNeed, core.WaitTurn, core.WaitLeftBehind, core.WaitHeld:
		return Waiting
	case core.WaitOthersStopped:
		return OthersStop
	case core.WaitRestartRate:
		return RestartRate
	case core.WaitNone, core.WaitSupervisor, core.WaitDelay:
	}
	if status == core.StatusFailed {
		return Failed
	}
	return Created
}

// All returns the classes with their looks.
func All() iter.Seq2[Class, *Look] {
	return func(yield func(Class, *Look) bool) {
		for class := range Classes {
			if one := looks[class]; !yield(class, &one) {
				return
			}
		}
	}
}

// Look returns how the class is drawn.
func (c Class) Look() Look { return looks[c] }

// Look is how a class is drawn. No look is told by its colour alone: each has a pattern and a letter that no other has.
type Look struct {
	Name    string `json:"name"`
	Letter  string `json:"letter"`
	Pattern string `json:"pattern"`
	Tile    Tile   `json:"tile"`

	// Rank is how bad it is. Where several share a pixel the worst shows.
	Rank int `json:"rank"`

	Light Shades `json:"light"`
	Dark  Shades `json:"dark"`
}

// Tile is what is repeated to make a pattern: dots and lines on a square of eight by eight.
type Tile struct {
	Dots  [][2]float64 `json:"dots,omitempty"`  // x and y
	Lines [][4]float64 `json:"lines,omitempty"` // from x and y to x and y
}

// HasPattern reports whether there is more to draw than a ground.
func (l Look) HasPattern() bool { return len(l.Tile.Dots)+len(l.Tile.Lines) > 0 }

// Shades are the colours of a look: of the ground, and of the pattern and the letter on it.
type Shades struct {
	Ground string `json:"ground"`
	Ink    string `json:"ink"`
}

// looks are the looks of all classes. Failed and dead are told from healthy by how light they are, too.
var looks = [Classes]Look{
	Created: {
		"created", "N", "hollow", Tile{}, 1,
		Shades{"#f4f5f7", "#667085"}, Shades{"#1d2430", "#8e99ab"},
	},
	Waiting: {
		"waiting for others", "W", "hollow-dots", dots(2, 2, 6, 6), 5,
		Shades{"#efeafb", "#6f56b3"}, Shades{"#292343", "#a897e6"},
	},
	Suspended: {
		"suspended", "P", "pause", lines(2, 1, 2, 7, 5, 1, 5, 7), 3,
		Shades{"#dde2ea", "#4b5566"}, Shades{"#343d4b", "#b4bdcb"},
	},
	Starting: {
		"starting", "S", "dots", dots(1, 1, 5, 1, 3, 5, 7, 5), 4,
		Shades{"#d3e9f8", "#256a99"}, Shades{"#1c4059", "#7cc0ec"},
	},
	Healthy: {
		"healthy", "H", "plain", Tile{}, 2,
		Shades{"#c3e6d5", "#14583b"}, Shades{"#1d5441", "#a9e3c9"},
	},
	Stopping: {
		"stopping", "T", "upright", lines(2, 0, 2, 8, 6, 0, 6, 8), 7,
		Shades{"#ffe7a3", "#805b00"}, Shades{"#55430f", "#f2c75c"},
	},
	StoppingWithOthers: {
		"stopping with others", "O", "upright-wide", lines(4, 0, 4, 8), 6,
		Shades{"#fff4d2", "#8a6a1a"}, Shades{"#40381f", "#d9bb6a"},
	},
	StoppingMissed: {
		"stopping, was not ready or missed a beat", "U", "grid", lines(0, 4, 8, 4, 4, 0, 4, 8), 8,
		Shades{"#ffd4a6", "#8a4300"}, Shades{"#5f340d", "#ffb574"},
	},
	Failed: {
		"failed", "F", "fall", lines(-1, -1, 9, 9, -1, 3, 5, 9, 3, -1, 9, 5), 12,
		Shades{"#e77a41", "#4f1a00"}, Shades{"#dc6a35", "#2b0d00"},
	},
	OthersStop: {
		"failed, others stop first", "G", "fall-wide", lines(-1, -1, 9, 9), 11,
		Shades{"#f2b595", "#7a3210"}, Shades{"#713a22", "#f6b699"},
	},
	RestartRate: {
		"failed, waits for the restart rate", "R", "rise", lines(-1, 9, 9, -1), 10,
		Shades{"#f7cdb7", "#7a3210"}, Shades{"#5d3224", "#f0a98c"},
	},
	Completed: {
		"completed", "C", "dots-wide", dots(2, 3), 0,
		Shades{"#d3def3", "#3a5596"}, Shades{"#27365a", "#9db5ea"},
	},
	Dead: {
		"dead", "D", "cross", lines(-1, -1, 9, 9, -1, 9, 9, -1), 13,
		Shades{"#33101b", "#f0b3c2"}, Shades{"#f2d9e0", "#5b1428"},
	},
	Halted: {
		"halted", "X", "level", lines(0, 2, 8, 2, 0, 6, 8, 6), 14,
		Shades{"#bcc2cc", "#3f4754"}, Shades{"#4b5260", "#d0d5de"},
	},
	Abandoned: {
		"abandoned", "A", "brick", lines(0, 1, 8, 1, 0, 5, 8, 5, 2, 1, 2, 5, 6, 5, 6, 9), 9,
		Shades{"#cfaae6", "#4d1a70"}, Shades{"#552b70", "#dcb4f7"},
	},
}

func dots(at ...float64) (tile Tile) {
	for i := 0; i < len(at); i += 2 {
		tile.Dots = append(tile.Dots, [2]float64(at[i:]))
	}
	return tile
}

func lines(ends ...float64) (tile Tile) {
	for i := 0; i < len(ends); i += 4 {
		tile.Lines = append(tile.Lines, [4]float64(ends[i:]))
	}
	return tile
}
