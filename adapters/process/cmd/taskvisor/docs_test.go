package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
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
