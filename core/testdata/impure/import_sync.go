// Breaks: import of sync

package impure

import "sync"

type importSync struct{ mutex sync.Mutex }
