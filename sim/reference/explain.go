package reference

// explainer finds the rule that a difference between a recording and the core is due to.
type explainer struct {
	errors []pair   // where the model of the crate is not as recorded: then nothing is explained
	stages []values // what the model does: as the crate does, then with one behaviour less at a time
}

func (r *Recording) explainer(recorded []observation) (explainer, error) {
	var e explainer
	crate := crateAsItIs
	for id := range ruleCount + 1 {
		played, err := playModel(r.scenario, crate)
		if err != nil {
			return explainer{}, err
		}
		observed := observations(played)
		if id == 0 {
			e.errors = differing(recorded, observed)
		}
		e.stages = append(e.stages, valuesOf(observed))
		crate = crate.without(id)
	}
	return e, nil
}

// rule returns the name of the rule that explains a difference, or nothing.
func (e explainer) rule(found pair) string {
	if len(e.errors) > 0 || e.stages[ruleCount].of(found.key) != found.got {
		return ""
	}
	for id := range ruleCount {
		if e.stages[id+1].of(found.key) != found.expected {
			return rules[id].Name
		}
	}
	return ""
}
