package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

// How long and how large the lane of a row is, and that of a task's own page.
const (
	laneLength = 10 * time.Minute
	laneWidth  = 180
	laneHeight = 14

	longLane       = 10 * time.Minute
	longLaneWidth  = 720
	longLaneHeight = 22
)

// span is a stretch of a task's life, in seconds since 1970.
type span struct {
	from, to float64 // to is 0 for the one that is not over
	class    look.Class
	started  bool // by a restart
	text     string
}

// spans returns what is known of the last minutes of a task, up to now.
func spans(t *supervisor.TaskStatus, seen *glance, now time.Time, length time.Duration) (spans []span) {
	begin := seconds(now.Add(-length))
	add := func(from float64, status supervisor.Status, wait supervisor.Wait, why supervisor.Reason, run supervisor.RunNumber, started bool) {
		if n := len(spans); n > 0 {
			spans[n-1].to = from
			if from <= begin {
				spans = spans[:n-1]
			}
		}
		if status == supervisor.StatusNone {
			return
		}
		class := look.Of(status, wait, why)
		text := class.Look().Name + " (" + why.String() + ")"
		if run > 0 {
			text = fmt.Sprintf("run %d: %s", run, text)
		}
		spans = append(spans, span{from: max(from, begin), class: class, started: started && from > begin, text: text})
	}
	for i := range seen.decisions {
		d := &seen.decisions[i]
		if i == 0 && d.from != supervisor.StatusNone { // so it was, at least since the page has seen anything
			add(max(begin, seen.began), d.from, supervisor.WaitNone, supervisor.ReasonNone, 0, false)
		}
		if d.from == d.to && d.why != supervisor.ReasonDelayBegins && d.why != supervisor.ReasonRestartRate && d.why != supervisor.ReasonSuspended {
			continue
		}
		started := d.restart
		add(seconds(d.date), d.to, waitAt(d, t, i == len(seen.decisions)-1), d.why, d.run, started)
	}
	if len(seen.decisions) == 0 {
		add(max(begin, float64(dateOf(t, t.Since, now))/1000), t.Status, t.Wait, t.Why, t.Run, false)
	}
	return spans
}

// merged makes one of spans that share a pixel: the worst shows.
func merged(spans []span, pixel float64) []span {
	all := spans[:0]
	for _, s := range spans {
		if n := len(all); n > 0 && all[n-1].to != 0 && s.to != 0 && s.to-all[n-1].from < pixel {
			last := &all[n-1]
			if s.class.Look().Rank > last.class.Look().Rank {
				last.class, last.text = s.class, s.text
			}
			last.to, last.started = s.to, last.started || s.started
			continue
		}
		all = append(all, s)
	}
	return all
}

// waitAt returns what a task waited for after a decision: the latest says it of itself.
func waitAt(d *decision, t *supervisor.TaskStatus, latest bool) supervisor.Wait {
	switch {
	case latest && d.to == t.Status:
		return t.Wait
	case d.why == supervisor.ReasonRestartRate:
		return supervisor.WaitRestartRate
	case d.why == supervisor.ReasonSuspended:
		return supervisor.WaitSuspended
	case d.to == supervisor.StatusFailed && d.until == supervisor.Never:
		return supervisor.WaitOthersStopped
	case d.to == supervisor.StatusCreated && d.why != supervisor.ReasonAdded && d.why != supervisor.ReasonResumed:
		return supervisor.WaitTurn // it is to start, and waits for others
	}
	return supervisor.WaitNone
}

// lane draws the last minutes of a task as the simulator's timeline does. A unit across is a second since the picture's origin, so
// a picture stays as it is while time goes on: the page's script moves what is in view.
func lane(t *supervisor.TaskStatus, seen *glance, now time.Time, length time.Duration, width, height int, class string) template.HTML {
	origin := originOf(now)
	end := seconds(now) - origin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="lane %s" width="%d" height="%d" viewBox="%s 0 %g %d" preserveAspectRatio="none" data-origin="%.0f" data-length="%g" role="img" aria-label="%s">`,
		class, width, height, coordinate(end-length.Seconds()), length.Seconds(), height, origin*1000, length.Seconds(), laneText(seen, now, length))
	all := merged(spans(t, seen, now, length), length.Seconds()/float64(width))
	if class == "" {
		drawTogether(&out, all, origin, length.Seconds()/float64(width), width, height)
	} else {
		drawEach(&out, all, origin, length.Seconds()/float64(width), width, height)
	}
	out.WriteString("</svg>")
	return template.HTML(out.String()) // numbers and words of this package alone
}

// drawTogether draws all spans of a look with one path: there may be many spans, and many lanes.
func drawTogether(out *strings.Builder, spans []span, origin, pixel float64, width, height int) {
	var shapes [look.Classes]strings.Builder
	var marks strings.Builder
	box := func(shape *strings.Builder, from, to float64) {
		fmt.Fprintf(shape, "M%s 0H%sV%dH%sz", coordinate(from-origin), coordinate(to-origin), height, coordinate(from-origin))
	}
	for _, s := range spans {
		if s.end(origin)-s.from < 0.1 {
			continue
		}
		box(&shapes[s.class], s.from, s.end(origin))
		if s.started {
			box(&marks, s.from, s.from+pixel)
		}
	}
	for class, one := range look.All() {
		if shapes[class].Len() == 0 {
			continue
		}
		fmt.Fprintf(out, `<path d="%s" class="g%s"/>`, shapes[class].String(), one.Letter)
		if one.HasPattern() {
			fmt.Fprintf(out, `<path d="%s" fill="url(#p%s%d)" class="ink"/>`, shapes[class].String(), one.Letter, width)
		}
	}
	if marks.Len() > 0 {
		fmt.Fprintf(out, `<path d="%s" class="mark"/>`, marks.String())
	}
}

// drawEach draws each span by itself, and says what it is.
func drawEach(out *strings.Builder, spans []span, origin, pixel float64, width, height int) {
	for _, s := range spans {
		one, to := s.class.Look(), s.end(origin)
		fmt.Fprintf(out, `<rect x="%s" width="%s" height="%d" class="g%s"><title>%s</title></rect>`,
			coordinate(s.from-origin), coordinate(to-s.from), height, one.Letter, s.text)
		if one.HasPattern() {
			fmt.Fprintf(out, `<rect x="%s" width="%s" height="%d" fill="url(#p%s%d)" class="ink"/>`,
				coordinate(s.from-origin), coordinate(to-s.from), height, one.Letter, width)
		}
		if s.started {
			fmt.Fprintf(out, `<rect x="%s" width="%g" height="%d" class="mark"/>`, coordinate(s.from-origin), pixel, height)
		}
	}
}

// end returns where a span ends; one that is not over goes on.
func (s *span) end(origin float64) float64 {
	if s.to == 0 {
		return origin + 3*86400
	}
	return s.to
}

// laneText says in words what a lane shows.
func laneText(seen *glance, now time.Time, length time.Duration) string {
	starts, begin := 0, now.Add(-length)
	for i := range seen.decisions {
		if d := &seen.decisions[i]; d.restart && d.date.After(begin) {
			starts++
		}
	}
	return several(starts, "restart", "restarts") + " in the last minutes"
}

// laneStep is how long a lane that a script moves is good for: it is drawn as of a round instant.
const laneStep = 30 * time.Second

// originOf returns the beginning of the day before, in seconds since 1970: coordinates near it are small.
func originOf(now time.Time) float64 { return float64(now.Unix()/86400*86400 - 86400) }

func seconds(date time.Time) float64 { return float64(date.UnixMilli()) / 1000 }

func coordinate(x float64) string { return fmt.Sprintf("%.1f", x) }

// spark draws the restarts of the last hour, five minutes a bar.
func spark(seen *glance) template.HTML {
	const each, height = 5, 14
	if seen.lastHour == 0 {
		return ""
	}
	var bars [sparkMinutes / each]int
	most := 0
	for i, n := range seen.minutes {
		bars[i/each] += int(n)
		most = max(most, bars[i/each])
	}
	var shape, ground strings.Builder
	for i, n := range bars {
		if n == 0 {
			fmt.Fprintf(&ground, "M%d %dh3v1h-3z", 4*i, height-1)
			continue
		}
		tall := max(2, n*height/most)
		fmt.Fprintf(&shape, "M%d %dh3V%dh-3z", 4*i, height-tall, height)
	}
	return template.HTML(fmt.Sprintf(`<svg class="spark" width="%d" height="%d" aria-hidden="true"><path d="%s" class="none"/><path d="%s"/></svg>`,
		len(bars)*4, height, ground.String(), shape.String()))
}

// patterns defines the patterns of the looks for lanes of both sizes: a lane is stretched, and its patterns are not.
func patterns() template.HTML {
	var out strings.Builder
	out.WriteString(`<svg width="0" height="0" aria-hidden="true" class="defs"><defs>`)
	for _, lane := range []struct {
		width  int
		length time.Duration
	}{{laneWidth, laneLength}, {longLaneWidth, longLane}, {0, 0}} {
		stretch := 1.0
		if lane.width > 0 {
			stretch = lane.length.Seconds() / float64(lane.width)
		}
		for _, one := range look.All() {
			if !one.HasPattern() {
				continue
			}
			fmt.Fprintf(&out, `<pattern id="p%s%d" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="scale(%g 1)" class="i%s">`,
				one.Letter, lane.width, stretch, one.Letter)
			for _, dot := range one.Tile.Dots {
				fmt.Fprintf(&out, `<rect x="%g" y="%g" width="1.7" height="1.7"/>`, dot[0]-0.7, dot[1]-0.7)
			}
			for _, line := range one.Tile.Lines {
				fmt.Fprintf(&out, `<path d="M%g %gL%g %g"/>`, line[0], line[1], line[2], line[3])
			}
			out.WriteString("</pattern>")
		}
	}
	out.WriteString("</defs></svg>")
	return template.HTML(out.String())
}
