package scenario

import (
	"encoding/base64"
	"strings"
)

// snapshotWidth is how many characters of a snapshot stand on one line.
const snapshotWidth = 100

// String returns the scenario as text.
func (s *Scenario) String() string { return string(s.Append(nil)) }

// Append appends the scenario as canonical text.
func (s *Scenario) Append(b []byte) []byte {
	b = append(b, wordScenario+" "+itoa(Version)...)
	b = append(s.Head.appendFields(b), '\n')
	switch {
	case len(s.Snapshot) > 0:
		b = appendAbove(b, s.Above)
		b = appendSnapshot(b, s.Snapshot)
	case s.hasConfig():
		b = appendAbove(b, s.Above)
		b = appendConfig(b, &s.Config)
		b = append(b, '\n')
	}
	if len(s.Snapshot) == 0 {
		for i := range s.Policies {
			b = appendAbove(b, s.Policies[i].Above)
			b = append(b, "policy"...)
			b = appendPolicy(b, s.Policies[i].Name, &s.Policies[i].Policy)
			b = append(b, '\n')
		}
	}
	for _, statement := range s.Statements {
		b = appendAbove(b, statement.place().Above)
		b = statement.appendText(b)
		b = append(b, '\n')
	}
	return appendAbove(b, s.Below)
}

// hasConfig reports whether a config line is needed, for its fields or for what stands above it.
func (s *Scenario) hasConfig() bool {
	return len(s.Above) > 0 || len(appendConfig(nil, &s.Config)) > len("config")
}

// appendAbove writes blank lines and comments. It makes a comment of a line that is neither.
func appendAbove(b []byte, lines []string) []byte {
	for _, line := range lines {
		line = strings.Trim(strings.ReplaceAll(line, "\n", " "), " \t\r")
		if line != "" && line[0] != '#' {
			b = append(b, "# "...)
		}
		b = append(b, line...)
		b = append(b, '\n')
	}
	return b
}

func appendSnapshot(b, snapshot []byte) []byte {
	b = append(b, "snapshot\n"...)
	text := base64.StdEncoding.EncodeToString(snapshot)
	for len(text) > 0 {
		width := min(snapshotWidth, len(text))
		b = append(b, indent...)
		b = append(b, text[:width]...)
		b = append(b, '\n')
		text = text[width:]
	}
	return b
}

func (d *Define) appendText(b []byte) []byte {
	b = append(b, "define"...)
	return appendPolicy(b, d.Name, &d.Policy.Policy)
}

func (d *DefineLimits) appendText(b []byte) []byte { return appendLimits(b, d.Name, &d.Limits) }

func (bind *Bind) appendText(b []byte) []byte {
	b = append(b, "task "...)
	b = appendName(b, bind.Name)
	b = append(b, ' ')
	return appendTaskID(b, bind.Task)
}
