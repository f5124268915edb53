// Breaks: map

package impure

func count(words []string) int {
	seen := map[string]int{}
	for _, word := range words {
		seen[word]++
	}
	total := 0
	for _, n := range seen {
		total += n
	}
	return total
}
