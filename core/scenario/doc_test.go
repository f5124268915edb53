package scenario

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example of the package documentation plays as it says.
func TestDocumentedExamplePlays(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, example, ok := strings.Cut(string(text), "// # An example\n//\n")
	require.True(t, ok)
	example, _, ok = strings.Cut(example, "// # Lines\n")
	require.True(t, ok)
	example = regexp.MustCompile(`(?m)^//\t?`).ReplaceAllString(example, "")

	parsed, err := Parse([]byte(example))
	require.NoError(t, err)
	_, err = parsed.Play()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(example), strings.TrimSpace(parsed.String()), "it is in canonical form")
}

// The package documentation lists every field, and no other.
func TestFieldsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, list, ok := strings.Cut(string(text), "// # Fields\n")
	require.True(t, ok)
	for _, table := range []struct {
		name, after string
		fields      []string
	}{
		{"config", "limits", configFields()},
		{"limits", "policy", limitsFields()},
		{"policy", "event", policyFields()},
	} {
		_, lines, ok := strings.Cut(list, "//\t"+table.name+" ")
		require.True(t, ok, table.name)
		lines, _, ok = strings.Cut(lines, "//\t"+table.after+" ")
		require.True(t, ok, table.after)
		var documented []string
		for _, match := range regexp.MustCompile(`([a-z-]+)=`).FindAllStringSubmatch(lines, -1) {
			documented = append(documented, match[1])
		}
		slices.Sort(documented)
		require.Equal(t, slices.Sorted(slices.Values(table.fields)), documented, "doc.go, line %q", table.name)
	}
}
