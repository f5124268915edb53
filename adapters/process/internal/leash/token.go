package leash

import (
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Variable is the variable of the environment that holds the tokens of a process: that of its run, after those of the runs
// that its supervisor is part of.
const Variable = "TASKSUPERVISOR_RUN"

// between separates tokens. It is in no token.
const between = ","

// tokens returns the value of [Variable] for a process that has a token. What this process has itself comes before it, so that
// whatever holds this process can find that one too.
func tokens(token string) string {
	if own := os.Getenv(Variable); own != "" {
		return own + between + token
	}
	return token
}

// token returns the token of a run: host, task and number.
func token(host, task string, run uint64) string {
	return host + "/" + url.PathEscape(task) + "/" + strconv.FormatUint(run, 10)
}

// withTokens returns an environment with a value of [Variable], and no other. It comes first, where it is found at once.
func withTokens(env []string, value string) []string {
	with := make([]string, 0, len(env)+1)
	with = append(with, Variable+"="+value)
	for _, variable := range env {
		if !strings.HasPrefix(variable, Variable+"=") {
			with = append(with, variable)
		}
	}
	return with
}

// hasToken reports whether a value of [Variable] has a token in it, and returns its last.
func hasToken(value, token string) (has bool, last string) {
	all := strings.Split(value, between)
	return slices.Contains(all, token), all[len(all)-1]
}
