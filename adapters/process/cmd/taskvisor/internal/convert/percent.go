package convert

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// What Python's % puts into a text: %(name)s, %(process_num)02d, and %% for a percent sign.
var interpolation = regexp.MustCompile(`%%|%\(([^)]*)\)([-+ #0]*)(\d*(?:\.\d+)?)([a-zA-Z])`)

// interpolate replaces the expressions in a text. used are the names that were looked up.
func interpolate(text string, values map[string]string) (replaced string, used []string, err error) {
	end := 0
	var out strings.Builder
	for _, m := range interpolation.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(text[end:m[0]])
		if strings.Contains(text[end:m[0]], "%") {
			return "", nil, fmt.Errorf("%q has a %% that is neither %%%% nor %%(name)s", text)
		}
		end = m[1]
		if m[2] < 0 {
			out.WriteByte('%')
			continue
		}
		name, flags, width, verb := text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]], text[m[8]:m[9]]
		value, ok := values[name]
		if !ok {
			return "", nil, fmt.Errorf("%q has %%(%s)s, which is not set", text, name)
		}
		used = append(used, name)
		formatted, err := format(value, flags, width, verb)
		if err != nil {
			return "", nil, fmt.Errorf("%q: %%(%s)%s: %w", text, name, verb, err)
		}
		out.WriteString(formatted)
	}
	if strings.Contains(text[end:], "%") {
		return "", nil, fmt.Errorf("%q has a %% that is neither %%%% nor %%(name)s", text)
	}
	out.WriteString(text[end:])
	return out.String(), used, nil
}

func format(value, flags, width, verb string) (string, error) {
	n, err := strconv.Atoi(value)
	switch verb {
	case "s":
		return fmt.Sprintf("%"+strings.ReplaceAll(flags, "0", "")+width+"s", value), nil
	case "d", "i", "u":
		if err != nil {
			return "", fmt.Errorf("%q is not a number", value)
		}
		return fmt.Sprintf("%"+flags+width+"d", n), nil
	case "x", "X", "o":
		if err != nil {
			return "", fmt.Errorf("%q is not a number", value)
		}
		return fmt.Sprintf("%"+flags+width+verb, n), nil
	}
	return "", fmt.Errorf("the conversion %q is not known", verb)
}
