package taskfile

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/joho/godotenv"
)

// ReadEnvironment reads a .env file. Its variables come in the order of their names.
func ReadEnvironment(path string) (variables []Variable, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values, err := godotenv.UnmarshalBytes(escapedEnd.ReplaceAll(text, []byte("${1}"+apart+"${2}")))
	if err != nil {
		return nil, errors.New(path + ": " + err.Error())
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := Variable{name, strings.ReplaceAll(values[name], apart, "")}
		if !v.possible() {
			return nil, fmt.Errorf("%s: %q is not NAME=value", path, strings.TrimPrefix(v.String(), "="))
		}
		variables = append(variables, v)
	}
	return variables, nil
}

// A value that ends with a quotation mark of its own, such as "{\"a\":\"b\"}" or "say \"yes\"", would lose it: the library takes
// all marks at the end for the one that closes the value. So the two are kept apart while it reads.
var escapedEnd = regexp.MustCompile(`(\\["'])(["'])`)

const apart = "\uFDD0" // not a character, and never one

// lookup returns the value of a variable, or "".
func lookup(variables []Variable, name string) string {
	if i := slices.IndexFunc(variables, func(v Variable) bool { return v.Name == name }); i >= 0 {
		return variables[i].Value
	}
	return ""
}
