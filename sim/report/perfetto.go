package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WritePerfetto writes the timeline as a trace in Chrome's JSON format, which Perfetto (ui.perfetto.dev) opens: a track
// per task with a slice per status, an arrow from each failure to the restart that follows, counters of the tasks by
// status, and as instants what was noted of a task. Above the tasks are a track of the operator commands and one for each
// kind of outage. The supervisor's own events reach through all tracks.
func (t *Timeline) WritePerfetto(w io.Writer) error {
	t.Finish()
	p := &perfetto{timeline: t, w: bufio.NewWriter(w)}
	p.raw(`{"displayTimeUnit":"ms","traceEvents":[` + "\n")
	p.raw(fmt.Sprintf(`{"ph":"M","pid":1,"name":"process_name","args":{"name":%s}}`, quoted(t.Title)))
	for i, lane := range t.Lanes {
		p.track(i+1, i+outageTracks, lane.Name)
		p.lane(i+1, lane)
	}
	p.marks(len(t.Lanes) + 1)
	p.outages(len(t.Lanes) + 2)
	p.counters()
	p.raw("\n]}\n")
	if p.err != nil {
		return p.err
	}
	return p.w.Flush()
}

// outageTracks is how many tracks there can be above the tasks: their positions are before those of the tasks.
const outageTracks = 1 << 20

type perfetto struct {
	timeline *Timeline
	w        *bufio.Writer
	flows    int
	err      error
}

func (p *perfetto) raw(s string) {
	if p.err == nil {
		_, p.err = p.w.WriteString(s)
	}
}

// event writes one event with the given fields.
func (p *perfetto) event(fields string) { p.raw(",\n" + `{"pid":1,` + fields + "}") }

// micros is an instant in microseconds since the beginning.
func (p *perfetto) micros(at core.Instant) string {
	since := int64(at - p.timeline.Begin)
	return fmt.Sprintf("%d.%03d", since/1000, since%1000)
}

// track names a track and says where it stands.
func (p *perfetto) track(tid, position int, name string) {
	p.event(fmt.Sprintf(`"ph":"M","tid":%d,"name":"thread_name","args":{"name":%s}`, tid, quoted(name)))
	p.event(fmt.Sprintf(`"ph":"M","tid":%d,"name":"thread_sort_index","args":{"sort_index":%d}`, tid, position))
}

// marks writes the operator commands on a track of their own, and what else concerns a supervisor across all tracks.
func (p *perfetto) marks(tid int) {
	commands := false
	for _, mark := range p.timeline.Marks {
		where := `"s":"p","tid":0`
		if mark.Command != core.EventTick {
			if !commands {
				p.track(tid, 0, "operator commands")
				commands = true
			}
			where = fmt.Sprintf(`"s":"t","tid":%d`, tid)
		}
		p.event(fmt.Sprintf(`"ph":"I",%s,"ts":%s,"name":%s`, where, p.micros(mark.At), quoted(mark.Text)))
	}
}

// outages writes the outages, one track for all of the same name.
func (p *perfetto) outages(tid int) {
	tracks := map[string]int{}
	for i := range p.timeline.Outages {
		o := &p.timeline.Outages[i]
		name := outageName(o)
		if tracks[name] == 0 {
			tracks[name] = tid + len(tracks)
			p.track(tracks[name], len(tracks), name)
		}
		p.event(fmt.Sprintf(`"ph":"X","tid":%d,"ts":%s,"dur":%s,"name":%s,"cat":"outage"`,
			tracks[name], p.micros(o.From), p.micros(p.timeline.Begin+o.To-o.From), quoted(name)))
	}
}

func (p *perfetto) lane(tid int, lane *Lane) {
	for i := range lane.Spans {
		s := &lane.Spans[i]
		name := s.class().Look().Name
		if s.Status == core.StatusHealthy || s.Status == core.StatusStarting {
			name = fmt.Sprintf("%s #%d", name, s.Run)
		}
		args := fmt.Sprintf(`"run":%d,"why":%s,"attempts":%d,"exit":%s`, s.Run, quoted(s.Why.String()), s.Attempts, quoted(s.Exit.String()))
		if waits := s.waits(); waits != "" {
			args += `,"waits":` + quoted(waits)
		}
		p.event(fmt.Sprintf(`"ph":"X","tid":%d,"ts":%s,"dur":%s,"name":%s,"cat":%s,"args":{%s}`,
			tid, p.micros(s.From), p.micros(p.timeline.Begin+s.To-s.From), quoted(name), quoted(s.Status.String()), args))
		if s.Status == core.StatusFailed && !s.silent {
			p.arrow(tid, s.From, lane.Spans[i+1:])
		}
	}
	for _, note := range lane.Notes {
		p.event(fmt.Sprintf(`"ph":"I","s":"t","tid":%d,"ts":%s,"name":%s`, tid, p.micros(note.At), quoted(note.Why.String())))
	}
}

// arrow points from a failure to the restart that follows, if there is one.
func (p *perfetto) arrow(tid int, from core.Instant, spans []Span) {
	for i := range spans {
		switch s := &spans[i]; {
		case s.Started:
			p.flows++
			p.event(fmt.Sprintf(`"ph":"s","id":%d,"tid":%d,"ts":%s,"name":"restart","cat":"restart"`, p.flows, tid, p.micros(from)))
			p.event(fmt.Sprintf(`"ph":"f","bp":"e","id":%d,"tid":%d,"ts":%s,"name":"restart","cat":"restart"`, p.flows, tid, p.micros(s.From)))
			return
		case s.Status != core.StatusFailed && s.Status != core.StatusCreated:
			return
		}
	}
}

// counters writes how many tasks are in the statuses that matter, at each change.
func (p *perfetto) counters() {
	type change struct {
		at     core.Instant
		status core.Status
		by     int
	}
	var changes []change
	for _, lane := range p.timeline.Lanes {
		for _, s := range lane.Spans {
			changes = append(changes, change{s.From, s.Status, 1}, change{s.To, s.Status, -1})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	var counts [256]int
	for i, c := range changes {
		counts[c.status] += c.by
		if next := i + 1; next < len(changes) && changes[next].at == c.at {
			continue
		}
		p.event(fmt.Sprintf(`"ph":"C","tid":0,"ts":%s,"name":"tasks","args":{"healthy":%d,"starting":%d,"created":%d,"failed":%d,"stopping":%d,"dead":%d,"abandoned":%d}`,
			p.micros(c.at), counts[core.StatusHealthy], counts[core.StatusStarting], counts[core.StatusCreated],
			counts[core.StatusFailed], counts[core.StatusStopping], counts[core.StatusDead], counts[core.StatusAbandoned]))
	}
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // a string can always be marshalled
	return string(text)
}
