package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/top"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func ownGuide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../../docs/taskvisor.md")
	require.NoError(t, err)
	return string(text)
}

// The guide names each command, and what is peculiar to run.
func TestTheGuideIsComplete(t *testing.T) {
	text := ownGuide(t)
	others := map[string]bool{ // that are told of elsewhere
		"check": true, "plan": true, "graph": true, "init": true, "convert": true, "schema": true, "version": true, "completion": true, "help": true,
	}
	for _, cmd := range newRoot().Commands() {
		if !others[cmd.Name()] {
			named := regexp.MustCompile("`(taskvisor |[a-z]+`, `)*" + cmd.Name() + "[ `]")
			require.True(t, named.MatchString(text), "docs/taskvisor.md says nothing of taskvisor %s", cmd.Name())
		}
	}
	newRun().Flags().VisitAll(func(flag *pflag.Flag) {
		switch flag.Name {
		case "file", "color", "times", "help": // as anywhere
			return
		}
		if flag.Shorthand != "" && strings.Contains(text, "`-"+flag.Shorthand+"`") {
			return
		}
		require.True(t, strings.Contains(text, "--"+flag.Name), "docs/taskvisor.md says nothing of --%s", flag.Name)
	})
}

// The guide names each request and each code of the control socket.
func TestTheGuideNamesTheProtocol(t *testing.T) {
	text := ownGuide(t)
	doc, err := os.ReadFile("internal/control/doc.go")
	require.NoError(t, err)
	routes := regexp.MustCompile(`(?:GET|POST) +/v1/[a-z.]+`).FindAllString(string(doc), -1)
	require.Greater(t, len(routes), 5)
	for _, route := range routes {
		require.Contains(t, text, regexp.MustCompile(` +`).ReplaceAllString(route, " "))
	}
	source, err := os.ReadFile("internal/control/errors.go")
	require.NoError(t, err)
	codes := regexp.MustCompile(`Code = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(codes), 5)
	for _, code := range codes {
		require.Contains(t, text, "`"+code[1]+"`")
	}
	for _, example := range []string{"wait_seconds", "dry_run", "for_good", "kill_seconds"} {
		protocol, err := os.ReadFile("internal/control/protocol.go")
		require.NoError(t, err)
		require.Contains(t, string(protocol), `"`+example)
		require.Contains(t, text, "`"+example+"`")
	}
}

// The guide says which status each word of status and top stands for, and names no word that they do not say.
func TestTheGuideNamesTheWords(t *testing.T) {
	said := make(map[string]bool)
	for _, row := range regexp.MustCompile("(?m)^\\| ([a-z ]+) \\| `.*$").FindAllStringSubmatch(ownGuide(t), -1) {
		for _, status := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(row[0], -1) {
			said[row[1]+" for "+status[1]] = true
		}
	}
	used := make(map[string]bool)
	for status := supervisor.StatusCreated; status <= supervisor.StatusAbandoned; status++ {
		for _, task := range []control.Task{{}, {Unready: true}, {Suspended: true}, {Wait: "held"}, {Why: "killed"}, {Phase: "running"}} {
			task.Status = status.String()
			if word, _ := top.Describe(&task); word != task.Status {
				used[word+" for "+task.Status] = true
			}
		}
	}
	require.Greater(t, len(used), 5)
	require.Equal(t, used, said)
}

// Each command line in the guides has flags that there are, with the values that they need.
func TestTheCommandLinesOfTheGuides(t *testing.T) {
	guides, err := filepath.Glob("../../../../docs/*.md")
	require.NoError(t, err)
	lines := 0
	for _, guide := range guides {
		text, err := os.ReadFile(guide)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile("(?m)`([^`\n]+)`|^(?:\\$ )?(taskvisor .*)$").FindAllStringSubmatch(string(text), -1) {
			line, _, _ := strings.Cut(found[1]+found[2], "  #")
			if ok, problem := isCommandLine(strings.TrimPrefix(line, "taskvisor ")); ok {
				lines++
				require.Empty(t, problem, "%s: %s", guide, line)
			}
		}
	}
	require.Greater(t, lines, 50)
	for line, want := range map[string]string{"logs -f": "-f needs a value", "logs -F": "", "run --hold group": "", "run --hold=group": "", "top --no": "--no does not exist"} {
		_, problem := isCommandLine(line)
		require.Equal(t, want, problem, line)
	}
}

// isCommandLine reports whether a line is that of a command, and what is wrong with its flags.
func isCommandLine(line string) (ok bool, problem string) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return false, ""
	}
	cmd, _, err := newRoot().Find(words[:1])
	if err != nil || cmd.Name() != words[0] {
		return false, ""
	}
	cmd.InitDefaultHelpFlag()
	for i, word := range words {
		name, _, valued := strings.Cut(word, "=")
		var flag *pflag.Flag
		switch {
		case strings.HasPrefix(word, "--") && len(word) > 2:
			flag = cmd.Flags().Lookup(name[2:])
		case strings.HasPrefix(word, "-") && len(name) == 2:
			flag = cmd.Flags().ShorthandLookup(name[1:])
		default:
			continue
		}
		if flag == nil {
			return true, name + " does not exist"
		}
		if flag.NoOptDefVal == "" && !valued && i == len(words)-1 {
			return true, name + " needs a value"
		}
	}
	return true, ""
}
