package supervisor

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// maxName is how long a name may be, in bytes.
const maxName = 255

// checkName says what is wrong with a name, as a *NameError or ErrNoName. Names are parts of paths, which are separated by
// slashes, and of lines, in the log and in recordings.
func checkName(name string) error {
	switch {
	case name == "":
		return ErrNoName
	case len(name) > maxName:
		return &NameError{"is " + strconv.Itoa(len(name)) + " bytes long: at most " + strconv.Itoa(maxName) + " are allowed"}
	case !utf8.ValidString(name):
		return &NameError{"is not valid UTF-8"}
	}
	for _, r := range name {
		switch {
		case r == '/':
			return &NameError{"has a slash, which separates the names of a path"}
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return &NameError{"has the control character " + strconv.QuoteRuneToASCII(r)}
		}
	}
	return nil
}
