// Breaks: import of os

package impure

import "os"

func importOS() string { return os.Getenv("SEED") }
