package workload

import "slices"

// field is one KEY=VALUE of a line. Parsing, printing and validation all go by the tables of fields below.
type field struct {
	key  string // in a description
	name string // in Go
	value
}

func (t *Tasks) fields() []field {
	var runs []field
	if t.Supervises == nil {
		runs = []field{
			{"lifetime", "Lifetime", &t.Lifetime},
			{"ends", "Ends", &t.Ends},
			{"asks", "Asks", finite{&t.Asks}},
			{"stops", "Stops", &t.Stops},
			{"ignores-stop", "IgnoresStop", (*fraction)(&t.IgnoresStop)},
		}
	}
	return slices.Concat([]field{
		{"count", "Count", count{&t.Count, false}},
		{"later", "Later", (*flag)(&t.Later)},
		{"policy", "Policy", policy{&t.Policy}},
	}, runs, []field{
		{"needs", "Needs", (*name)(&t.Needs)},
		{"notice", "Notice", &t.Notice},
		{"fails", "Fails", &t.Fails},
		{"declares", "Declares", &t.Declares},
	}, t.Signals.fields())
}

func (s *RunScript) fields() []field {
	return append([]field{
		{"lifetime", "Lifetime", &s.Lifetime},
		{"ends", "Ends", (*end)(&s.Ends)},
		{"asks", "Asks", finite{&s.Asks}},
		{"stops", "Stops", &s.Stops},
	}, s.Signals.fields()...)
}

func (s *Signals) fields() []field {
	return []field{
		{"ready", "Ready", &s.Ready},
		{"wavers", "Wavers", interval{&s.Wavers}},
		{"recovers", "Recovers", &s.Recovers},
		{"beats", "Beats", interval{&s.Beats}},
		{"within", "Within", &s.Within},
		{"answers", "Answers", &s.Answers},
		{"fails-probe", "FailsProbe", (*fraction)(&s.FailsProbe)},
		{"hangs", "Hangs", &s.Hangs},
	}
}

func (o *Outage) fields() []field {
	return []field{
		{"of", "Of", (*name)(&o.Of)},
		{"at", "At", (*delay)(&o.At)},
		{"every", "Every", interval{&o.Every}},
		{"lasts", "Lasts", required{&o.Lasts}},
		{"share", "Share", (*fraction)(&o.Share)},
		{"notice", "Notice", &o.Notice},
		{"fails", "Fails", &o.Fails},
		{"ends", "Ends", &o.Ends},
		{"asks", "Asks", finite{&o.Asks}},
	}
}

func (o *Operator) fields() []field {
	return []field{
		{"of", "Of", (*name)(&o.Of)},
		{"at", "At", (*delay)(&o.At)},
		{"every", "Every", interval{&o.Every}},
		{"count", "Count", count{&o.Count, true}},
		{"policy", "Policy", policy{&o.Policy}},
		{"limits", "Limits", limits{&o.Limits}},
		{"other", "Other", (*name)(&o.Other)},
		{"bound", "Bound", (*flag)(&o.Bound)},
		{"suspended", "Suspended", (*flag)(&o.Suspended)},
		{"held", "Held", (*flag)(&o.Held)},
	}
}

func (f *Fault) fields() []field {
	return []field{
		{"share", "Share", (*fraction)(&f.Share)},
		{"at", "At", (*delay)(&f.At)},
		{"every", "Every", interval{&f.Every}},
		{"by", "By", &f.By},
	}
}
