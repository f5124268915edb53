package workload

import (
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// resumption checks what a world says of the state in which it begins.
func (v *validation) resumption(w *World) {
	if w.Resumes == nil {
		return
	}
	m := w.Resumes.Machine
	if m == nil {
		v.that(false, "Resumes.Machine", "is nil")
		return
	}
	state, config := m.Config(), w.Config
	const differs = "differs from that of the state, and cannot be changed in mid-flight"
	v.that(config.Seed == state.Seed, "Config.Seed", differs)
	v.that(config.Strategy == state.Strategy, "Config.Strategy", differs)
	v.that(config.StopOrder == state.StopOrder, "Config.StopOrder", differs)
	v.that(config.HealthCheckInterval == state.HealthCheckInterval, "Config.HealthCheckInterval", differs)
	v.that(config.MaxTasks == state.MaxTasks, "Config.MaxTasks", differs)
	v.that(m.Phase() == core.PhaseCreated || w.Origin == m.Now(), "Origin", "is not the instant of the state")
	groups := map[string]*Tasks{}
	for i := range w.Tasks {
		groups[w.Tasks[i].Name] = &w.Tasks[i]
	}
	i := 0
	for status := range m.Tasks() {
		field := "Resumes.Tasks[" + strconv.Itoa(i) + "]"
		if i == len(w.Resumes.Tasks) || w.Resumes.Tasks[i].Task != status.Task {
			v.that(false, field, "is not the next task of the state")
			return
		}
		group := groups[w.Resumes.Tasks[i].Of]
		v.that(group != nil, field+".Of", "names no group of the supervisor at the top")
		v.that(group == nil || group.Supervises == nil, field+".Of", "names a group of supervisors")
		i++
	}
	v.that(i == len(w.Resumes.Tasks), "Resumes.Tasks", "has tasks that are not in the state")
}
