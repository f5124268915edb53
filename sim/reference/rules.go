package reference

// Rule is one of the differences, on purpose, between the crate and this library that a recording can show.
type Rule struct {
	Name  string
	Crate string // what the crate does
	Here  string // what this library does
}

// Rules lists the rules.
func Rules() []Rule {
	return rules[:]
}

// ruleID names a rule of the list, and the behaviour of the crate that it is about.
type ruleID int

const (
	badConfiguration ruleID = iota
	duplicateName
	handleClone
	killWithdrawsRestart
	restartWithdrawsRestart
	restartClearsAttempts
	killOfCompleted
	killOfDead
	unknownName
	behindShutdown
	timersFirst
	checkSeesInstant
	percentages

	ruleCount
)

var rules = [ruleCount]Rule{
	badConfiguration: {
		Name:  "bad-configuration",
		Crate: "a health check interval of zero, or a delay beyond the clock, makes the supervisor panic: wait says Ok, the tasks run on unsupervised",
		Here:  "the configuration is refused up front",
	},
	duplicateName: {
		Name:  "duplicate-name",
		Crate: "adding a name in use is answered ok and ignored; in the builder the last one wins",
		Here:  "a name in use is an error",
	},
	handleClone: {
		Name:  "handle-clone",
		Crate: "dropping any clone of the handle shuts the supervisor down",
		Here:  "there is nothing to drop: a supervisor ends by Shutdown or when its context does",
	},
	killWithdrawsRestart: {
		Name:  "kill-withdraws-restart",
		Crate: "a kill leaves a pending restart, which revives the task",
		Here:  "a kill withdraws the pending restart",
	},
	restartWithdrawsRestart: {
		Name:  "restart-withdraws-restart",
		Crate: "a manual restart leaves a pending restart, which replaces the run or revives the task later",
		Here:  "a manual restart withdraws the pending restart",
	},
	restartClearsAttempts: {
		Name:  "restart-clears-attempts",
		Crate: "a manual restart keeps the count of attempts: the next delay is longer, or the next failure final",
		Here:  "a manual restart clears the attempts",
	},
	killOfCompleted: {
		Name:  "kill-of-completed",
		Crate: "a kill makes a completed task dead, which counts toward the threshold",
		Here:  "it is refused: the task has ended already",
	},
	killOfDead: {
		Name:  "kill-of-dead",
		Crate: "a kill of a dead task is answered ok",
		Here:  "it is refused: the task has ended already",
	},
	unknownName: {
		Name:  "unknown-name",
		Crate: "a command for an unknown name is answered ok",
		Here:  "an unknown name is an error",
	},
	behindShutdown: {
		Name:  "behind-shutdown",
		Crate: "a command sent right behind a shutdown is answered ok and lost",
		Here:  "it is answered with an error",
	},
	timersFirst: {
		Name:  "timers-first",
		Crate: "when a run ends, a command is sent and a restart is due at one instant, the command is carried out before the restart",
		Here:  "timers due at an instant fire before the events of that instant (D3)",
	},
	checkSeesInstant: {
		Name:  "check-sees-instant",
		Crate: "a health check does not see what happens at its own instant behind it, such as a restart without delay",
		Here:  "a health check sees all that happens at its instant",
	},
	percentages: {
		Name:  "percentages",
		Crate: "the error message prints fractions as percentages: 0.50% for one half",
		Here:  "percentages are percentages: 50.00% for one half",
	},
}

// behaviours is a set of the crate's behaviours that rules are about.
type behaviours uint32

const (
	crateAsItIs behaviours = 1<<ruleCount - 1
	asHere      behaviours = 0
)

func (b behaviours) has(id ruleID) bool { return b&(1<<id) != 0 }

func (b behaviours) with(id ruleID) behaviours { return b | 1<<id }

func (b behaviours) without(id ruleID) behaviours { return b &^ (1 << id) }
