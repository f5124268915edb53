// Breaks: import of sort

package impure

import "sort"

func importSort(x []int) { sort.Slice(x, func(i, j int) bool { return x[i] < x[j] }) }
