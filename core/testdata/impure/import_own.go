// Breaks: import of github.com/tasksupervisor/tasksupervisor/core/scenario

package impure

import "github.com/tasksupervisor/tasksupervisor/core/scenario"

func importOwn(s scenario.Scenario) scenario.Scenario { return s }
