package report

// look is how the page draws a class of spans. No look is told by its colour alone: each has a pattern and a letter that no
// other has.
type look struct {
	Name    string `json:"name"`
	Letter  string `json:"letter"`
	Pattern string `json:"pattern"`

	// Rank is how bad it is. Where several share a pixel the worst shows.
	Rank int `json:"rank"`

	Light shades `json:"light"`
	Dark  shades `json:"dark"`
}

// shades are the colours of a look: of the ground, and of the pattern and the letter on it.
type shades struct {
	Ground string `json:"ground"`
	Ink    string `json:"ink"`
}

// looks are the looks of all classes. Failed and dead are told from healthy by how light they are, too.
var looks = [classes]look{
	classCreated: {
		"created", "N", "hollow", 1,
		shades{"#f4f5f7", "#667085"}, shades{"#1d2430", "#8e99ab"},
	},
	classWaiting: {
		"waiting for others", "W", "hollow-dots", 5,
		shades{"#efeafb", "#6f56b3"}, shades{"#292343", "#a897e6"},
	},
	classSuspended: {
		"suspended", "P", "pause", 3,
		shades{"#dde2ea", "#4b5566"}, shades{"#343d4b", "#b4bdcb"},
	},
	classStarting: {
		"starting", "S", "dots", 4,
		shades{"#d3e9f8", "#256a99"}, shades{"#1c4059", "#7cc0ec"},
	},
	classHealthy: {
		"healthy", "H", "plain", 2,
		shades{"#c3e6d5", "#14583b"}, shades{"#1d5441", "#a9e3c9"},
	},
	classStopping: {
		"stopping", "T", "upright", 7,
		shades{"#ffe7a3", "#805b00"}, shades{"#55430f", "#f2c75c"},
	},
	classStoppingWithOthers: {
		"stopping with others", "O", "upright-wide", 6,
		shades{"#fff4d2", "#8a6a1a"}, shades{"#40381f", "#d9bb6a"},
	},
	classStoppingMissed: {
		"stopping, was not ready or missed a beat", "U", "grid", 8,
		shades{"#ffd4a6", "#8a4300"}, shades{"#5f340d", "#ffb574"},
	},
	classFailed: {
		"failed", "F", "fall", 12,
		shades{"#e77a41", "#4f1a00"}, shades{"#dc6a35", "#2b0d00"},
	},
	classOthersStop: {
		"failed, others stop first", "G", "fall-wide", 11,
		shades{"#f2b595", "#7a3210"}, shades{"#713a22", "#f6b699"},
	},
	classRestartRate: {
		"failed, waits for the restart rate", "R", "rise", 10,
		shades{"#f7cdb7", "#7a3210"}, shades{"#5d3224", "#f0a98c"},
	},
	classCompleted: {
		"completed", "C", "dots-wide", 0,
		shades{"#d3def3", "#3a5596"}, shades{"#27365a", "#9db5ea"},
	},
	classDead: {
		"dead", "D", "cross", 13,
		shades{"#33101b", "#f0b3c2"}, shades{"#f2d9e0", "#5b1428"},
	},
	classHalted: {
		"halted", "X", "level", 14,
		shades{"#bcc2cc", "#3f4754"}, shades{"#4b5260", "#d0d5de"},
	},
	classAbandoned: {
		"abandoned", "A", "brick", 9,
		shades{"#cfaae6", "#4d1a70"}, shades{"#552b70", "#dcb4f7"},
	},
}
