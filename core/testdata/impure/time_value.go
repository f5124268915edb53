// Breaks: time.Time

package impure

import "time"

type timeValue struct{ at time.Time }
