package process

import "fmt"

// Tightness is how well a [Host] keeps hold of what runs start.
type Tightness uint8

const (
	// TightnessGroup holds what is in the session or process group of a run, has its token in the environment, or is below one of
	// these. When this process is killed, what runs goes on, until the next [Open] sweeps it. On darwin and FreeBSD it
	// is the process group alone, and nothing is swept.
	TightnessGroup Tightness = iota

	// TightnessGuard does as well, and a guard process (see [Guard]) sweeps everything that is left when this process has ended, in
	// whatever way.
	TightnessGuard

	// TightnessCgroup has a control group for each run, which nothing leaves that root does not move. If there is a guard, too, it ends
	// what is left in them when this process has ended; [Host.Why] says so if there is none.
	TightnessCgroup
)

func (t Tightness) String() string {
	switch t {
	case TightnessGroup:
		return "process group"
	case TightnessGuard:
		return "guard"
	case TightnessCgroup:
		return "control group"
	default:
		return fmt.Sprintf("Tightness(%d)", uint8(t))
	}
}
