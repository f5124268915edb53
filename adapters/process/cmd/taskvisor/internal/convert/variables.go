package convert

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// What process-compose replaces in its whole file before it reads it: $NAME, ${NAME}, and ${NAME} with a function of a shell's.
var reference = regexp.MustCompile(`\$\$|\$([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)([^{}]*)\}`)

// expansion is a text with its variables replaced.
type expansion struct {
	text    string
	names   []string // of the variables that were replaced
	unset   []string // those of them that are not set, and are nothing in the text
	foreign []string // what was left as it is, because it needs a shell
}

// expand replaces the variables in a text. A value that is "for a shell" is left as it is, but for $$: the shell replaces them.
func expand(text string, lookup func(string) (string, bool)) expansion {
	var e expansion
	e.text = reference.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$$" {
			return "$"
		}
		m := reference.FindStringSubmatch(found)
		name, operation := m[1]+m[2], m[3]
		value, ok := lookup(name)
		operator := ""
		for _, o := range []string{":-", ":=", ":+", "-", "=", "+"} {
			if rest, is := strings.CutPrefix(operation, o); is {
				operator, operation = o, rest
				break
			}
		}
		switch set := ok && (value != "" || !strings.HasPrefix(operator, ":")); {
		case operator == "" && operation != "":
			e.foreign = append(e.foreign, found)
			return found
		case operator == "" && !ok:
			e.unset = append(e.unset, name)
		case operator == "":
		case strings.HasSuffix(operator, "+") == set:
			value = operation
		case strings.HasSuffix(operator, "+"):
			value = ""
		}
		if !slices.Contains(e.names, name) {
			e.names = append(e.names, name)
		}
		return value
	})
	return e
}

// unescape replaces $$ by $ in a line for a shell, and returns the names of the variables that are left to the shell.
func unescape(line string) (text string, names []string) {
	text = reference.ReplaceAllStringFunc(line, func(found string) string {
		if found == "$$" {
			return "$"
		}
		m := reference.FindStringSubmatch(found)
		if name := m[1] + m[2]; !slices.Contains(names, name) {
			names = append(names, name)
		}
		return found
	})
	return text, names
}

// mentions reports whether a line for a shell uses a variable.
func mentions(line, name string) bool {
	return regexp.MustCompile(`\$(?:` + regexp.QuoteMeta(name) + `\b|\{` + regexp.QuoteMeta(name) + `\b)`).MatchString(line)
}

// What bash and its like have and a plain shell has not, as far as it can be told by a look at a line.
var bashism = regexp.MustCompile(`\[\[|[<>]\(|<<<|&>|\|&|\$'|\(\(|=\(|==|\$\{[^}]*[][^!,@/:]|\{[^}{ ]*(?:,|\.\.)[^}{ ]*\}|` +
	`\b(?:source|function|pushd|popd|shopt|declare|typeset|let|mapfile|readarray|coproc|select|disown)\b|\bpipefail\b|\bset -o\b|` +
	`\becho -[en]|\bread -[^r]|\bprintf -v|\bwait -n|\bexport -f|\$(?:RANDOM|SECONDS|BASH|PIPESTATUS|EPOCH)`)

// forAnyShell reports whether a line that is written for a shell can be run by sh.
func forAnyShell(shell, line string) bool {
	switch filepath.Base(shell) {
	case "sh", "dash", "ash":
		return true
	case "bash", "ksh", "zsh":
		return !bashism.MatchString(line)
	}
	return false
}
