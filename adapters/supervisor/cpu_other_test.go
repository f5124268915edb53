//go:build !unix

package supervisor_test

import "time"

// cpu returns nothing where the system has no getrusage.
func cpu() time.Duration { return 0 }
