// Breaks: time.Local

package impure

import "time"

func timeZone() string { return time.Local.String() }
