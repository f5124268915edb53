package main

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// frame is all that the picture shows at one instant. What it looks like depends on nothing else.
type frame struct {
	width, height int
	marks         marks
	scene         scene
	tree          []supervisor.TreeNode
	score         score
	chosen        string        // the path of the task that keys are about
	byHand        bool          // keys have been pressed: the chosen task is what to look at
	help          bool          // a list of all keys takes the place of the tree
	stopping      bool          // the shop is being stopped
	recovered     time.Duration // how long the latest trouble lasted, if it is over
	passed        time.Duration // since the play began
	now           time.Time
}

// marks are the signs that the picture is made of.
type marks struct {
	up, failed, starting, stopping, waiting, suspended, behind string
	with, climbs, chosen, full, empty, arrows                  string
}

var (
	unicodeMarks = marks{"✓", "✗", "▲", "▼", "·", "‖", "!", "↳", "↑", "▸", "█", "░", "↑↓"}
	asciiMarks   = marks{"+", "x", "^", "v", ".", "=", "!", "\\", "^", ">", "#", "-", "arrows"}
)

// The colours are the terminal's own, so that they fit a light one and a dark one. Nothing is said by colour alone.
var (
	bold    = lipgloss.NewStyle().Bold(true)
	faint   = lipgloss.NewStyle().Faint(true)
	heading = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan)
	flash   = lipgloss.NewStyle().Bold(true).Reverse(true).Foreground(lipgloss.Red)
	moods   = map[mood]lipgloss.Style{
		calmMood: faint,
		goodMood: lipgloss.NewStyle().Foreground(lipgloss.Green),
		busyMood: lipgloss.NewStyle().Foreground(lipgloss.Yellow),
		badMood:  lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red),
	}
)

const (
	title   = "tasksupervisor: a shop under supervision"
	promise = "What fails is restarted: in order, after a delay, and never twice at a time."
	keys    = "%s choose  f fail  h hang  k kill  r restart  s suspend  ? more keys  q quit"
	quits   = "Ctrl-C again ends it at once, without waiting"
)

// render returns the lines of the frame, height at most, none wider than the width.
func (f *frame) render() string {
	head := []string{f.between(bold.Render(title), "page (key o): "+f.scene.page), faint.Render(promise), ""}
	caption := []string{heading.Render(f.scene.title), f.scene.lesson, f.situation(), ""}
	foot := []string{f.between(bold.Render(f.score.String()), faint.Render(f.clock())), faint.Render(f.footer())}

	// What a small terminal has no room for goes in this order: the promise, then the empty lines, then the tasks that are
	// furthest from the one to look at.
	room := f.height - len(head) - len(caption) - len(foot)
	if room < len(f.tree) {
		head = head[:1]
		room = f.height - len(head) - len(caption) - len(foot)
	}
	if room < len(f.tree) {
		caption = caption[:len(caption)-1]
		room++
	}
	tasks := f.tasks(max(1, room))
	if f.help {
		tasks = f.allKeys(max(1, room))
	}
	lines := append(append(head, caption...), tasks...)
	lines = append(lines, f.below(room-len(tasks))...)
	lines = append(lines, foot...)
	if len(lines) > f.height {
		lines = append(lines[:max(0, f.height-1)], lines[len(lines)-1])
	}
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], f.width, "")
	}
	return strings.Join(lines, "\n")
}

func (f *frame) clock() string {
	return fmt.Sprintf("%d:%02d", int(f.passed.Minutes()), int(f.passed.Seconds())%60)
}

func (f *frame) footer() string {
	if f.stopping {
		return quits
	}
	return fmt.Sprintf(keys, f.marks.arrows)
}

// situation is how things stand: why a key did nothing, how long the trouble took, or else what is going on.
func (f *frame) situation() string {
	if f.scene.refused != "" {
		return moods[badMood].Render(f.scene.refused)
	}
	if text := f.looks().situation(f.stopping); text != "" {
		return moods[busyMood].Render(text)
	}
	if f.recovered > 0 {
		return moods[goodMood].Render(fmt.Sprintf("%s All is up again, after %s.", f.marks.up, seconds(f.recovered)))
	}
	return moods[goodMood].Render(f.marks.up + " All is up.")
}

func (f *frame) looks() looks { return looks{f.marks, f.scene, f.tree} }

// tasks returns a line for each task, or so many lines around the one to look at.
func (f *frame) tasks(room int) []string {
	lines, at := make([]string, 0, len(f.tree)), 0
	looks := f.looks()
	for i, node := range f.tree {
		lines = append(lines, f.task(node, looks.of(node)))
		if f.byHand && node.Path == f.chosen || !f.byHand && f.isCulprit(node) {
			at = i
		}
	}
	if len(lines) <= room {
		return lines
	}
	first := min(max(0, at-room/2), len(lines)-room)
	return lines[first : first+room]
}

// The widths of what a task's line is made of.
const (
	nameWidth = 18
	wordWidth = 10
	barWidth  = 8
)

func (f *frame) task(node supervisor.TreeNode, look look) string {
	cursor, chosen := "  ", node.Path == f.chosen && (f.byHand || f.scene.caption == yourTurn)
	if chosen {
		cursor = f.marks.chosen + " "
	}
	style := moods[look.mood]
	name := node.Name
	switch {
	case f.isCulprit(node) && f.flashes(node):
		name = flash.Render(name)
	case look.mood == badMood, chosen:
		name = bold.Render(name)
	}
	name = pad(strings.Repeat("  ", node.Depth)+name, nameWidth)
	bar := ""
	if look.left >= 0 {
		full := int(look.left*barWidth + 0.5)
		bar = style.Render(strings.Repeat(f.marks.full, full)) + faint.Render(strings.Repeat(f.marks.empty, barWidth-full)) + " "
	}
	detail := look.detail
	if look.mood == goodMood || look.mood == calmMood {
		detail = faint.Render(detail)
	}
	return cursor + style.Render(look.mark) + " " + name + style.Render(pad(look.word, wordWidth)) + bar + detail
}

// isCulprit reports whether a task's failure is the latest of its supervisor, and it has not recovered.
func (f *frame) isCulprit(node supervisor.TreeNode) bool {
	return f.scene.blamed[groupOf(node.Path)].task == node.Name && node.Status != supervisor.StatusHealthy
}

// flashes reports whether a culprit is lit at the moment: four times, and then for good.
func (f *frame) flashes(node supervisor.TreeNode) bool {
	since := f.now.Sub(f.scene.blamed[groupOf(node.Path)].at)
	return since < 2*time.Second && since.Milliseconds()/250%2 == 0
}

// below fills the room that a larger terminal has below the tree.
func (f *frame) below(room int) []string {
	lines := make([]string, max(0, room))
	if room > 3 {
		lines[1] = bold.Render("What happened")
		for i, sentence := range f.scene.latest[max(0, len(f.scene.latest)-(room-3)):] {
			lines[2+i] = faint.Render("  " + sentence)
		}
	}
	return lines
}

// between returns two texts at the two ends of a line, the right one whole.
func (f *frame) between(left, right string) string {
	gap := f.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap < 1 {
		left = ansi.Truncate(left, max(0, f.width-ansi.StringWidth(right)-1), "")
		gap = f.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	}
	return left + strings.Repeat(" ", max(0, gap)) + right
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(1, width-ansi.StringWidth(text)))
}

// allKeys lists what the keys do.
func (f *frame) allKeys(room int) []string {
	lines := []string{bold.Render("  What you can do to " + nameOf(f.chosen) + ", or to another task that you choose:"), ""}
	for _, b := range bindings {
		lines = append(lines, "  "+heading.Render(b.key)+"  "+pad(b.word, wordWidth)+faint.Render(b.help))
	}
	lines = append(lines, "  "+heading.Render("o")+"  "+pad("open", wordWidth)+faint.Render("the live page, in a browser"),
		"  "+heading.Render("?")+"  "+faint.Render("closes this list"))
	if len(lines) < room {
		lines = append(lines, make([]string, room-len(lines))...)
	}
	return lines[:room]
}
