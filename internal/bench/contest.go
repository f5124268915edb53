package main

import "time"

// group is a table of results: contests whose contestants are the same.
type group struct {
	title    string
	columns  []string // the contestants, the floor first
	contests []contest
}

// contest is something to measure of several contestants.
type contest struct {
	name     string // what -run selects by
	title    string // what the table shows; none if only pictures do
	curve    string // the curve that the figures are points of, if any
	size     int    // and where on it
	rounds   int    // at most so many; 0: as many as were asked for
	entrants []entrant
}

// entrant is one contestant of a contest. One that cannot do what is asked is left out; one that stays away, because its figure
// would say nothing, has nothing to measure it.
type entrant struct {
	name    string                  // its column
	measure func(at scale) []metric // called in a process of its own
	bench   *benchmark              // or else what measures it
}

// metric is one figure of a measurement. Less is better.
type metric struct {
	Name  string  `json:"name"`
	Unit  unit    `json:"unit"`
	Value float64 `json:"value"`
}

// unit says how a figure is printed.
type unit string

const (
	nanoseconds unit = "ns"
	octets      unit = "B"
	count       unit = ""
	percent     unit = "%"
	multiple    unit = "×"
)

// scale is by how much measurements are smaller than they should be: 1 when the figures count.
type scale int

// of scales a number of things.
func (s scale) of(n int) int { return max(1, n/int(s)) }

// lasting scales how long something is measured.
func (s scale) lasting(d time.Duration) time.Duration { return d / time.Duration(s) }
