// Breaks: time.Sleep

package impure

import "time"

func timeSleep(d time.Duration) { time.Sleep(d * time.Second) }
