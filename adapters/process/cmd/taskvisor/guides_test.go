package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const docs = "../../../../docs/"

func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(docs + name)
	require.NoError(t, err)
	return string(text)
}

// blocks returns the blocks of code of a guide that are in some language.
func blocks(text, language string) (found []string) {
	for _, after := range strings.Split("\n"+text, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(after, "```")
		found = append(found, block)
	}
	return found
}

// What the guides show before and after a conversion is what is converted, and what it makes.
func TestGuidesShowWhatConvertMakes(t *testing.T) {
	t.Setenv("PORT", "")
	for _, shown := range []struct{ guide, language, name string }{
		{"from-foreman.md", "", "Procfile"},
		{"from-supervisord.md", "ini", "supervisord.conf"},
		{"from-supervisord.md", "yaml", "process-compose.yaml"},
	} {
		text := guide(t, shown.guide)
		before := blocks(text, shown.language)
		require.NotEmpty(t, before, shown.guide)
		path := filepath.Join(t.TempDir(), shown.name)
		require.NoError(t, os.WriteFile(path, []byte(before[0]), 0o600))
		made, errors, code := command("convert", "-q", path)
		require.Zero(t, code, errors)
		require.Contains(t, blocks(text, "toml"), made, "%s: of %s", shown.guide, shown.name)
	}
}

// Every command that the guides name is one, with flags that it has.
func TestGuidesNameCommandsThatAreThere(t *testing.T) {
	named := regexp.MustCompile("`taskvisor ([^`]+)`")
	for name, least := range map[string]int{"from-foreman.md": 15, "from-supervisord.md": 20} {
		found := named.FindAllStringSubmatch(guide(t, name), -1)
		require.Greater(t, len(found), least, name)
		for _, match := range found {
			cmd, arguments, err := newRoot().Find(strings.Fields(match[1]))
			require.NoError(t, err, match[0])
			require.NotEqual(t, "taskvisor", cmd.Name(), match[0])
			require.NoError(t, cmd.ParseFlags(arguments), match[0])
		}
	}
}
