// Breaks: renamed import

package impure

import clock "strconv"

func importRenamed(x int) string { return clock.Itoa(x) }
