// Breaks: import of fmt

package impure

import "fmt"

func importFmt(x any) string { return fmt.Sprint(x) }
