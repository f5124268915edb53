package taskfile

import (
	"strconv"
	"strings"
)

// DidYouMean returns a question that names the known word nearest to another, to be added to a sentence: `; did you mean "exec"?`. It
// is "" if no word is near.
func DidYouMean(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return "; did you mean " + strconv.Quote(near) + "?"
	}
	return ""
}

// DidYouMeanTask is DidYouMean for the path of a task or group. One that ends in what was given is the nearest.
func DidYouMeanTask(path string, known []string) string {
	for _, other := range known {
		if strings.HasSuffix(other, "/"+path) {
			return "; did you mean " + strconv.Quote(other) + "?"
		}
	}
	return DidYouMean(path, known)
}

// nearest returns the known word that a person most likely meant, or "". A word is near if few letters differ, or if it differs
// in nothing but case and the marks between its parts.
func nearest(word string, known []string) string {
	best, least := "", max(2, len([]rune(word))/3)+1
	for _, candidate := range known {
		if plain(candidate) == plain(word) {
			return candidate
		}
		if d := distance(strings.ToLower(word), strings.ToLower(candidate)); d < least && d < len([]rune(candidate)) {
			best, least = candidate, d
		}
	}
	return best
}

func plain(word string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(word))
}

// distance counts the letters to be inserted, left out, replaced or exchanged with their neighbours to make b of a.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	if len(from) > 64 || len(to) > 64 { // no name of a key is as long
		return len(from) + len(to)
	}
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(from); i++ {
		for j := 1; j <= len(to); j++ {
			replaced := rows[i-1][j-1]
			if from[i-1] != to[j-1] {
				replaced++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replaced)
			if i > 1 && j > 1 && from[i-1] == to[j-2] && from[i-2] == to[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}
