// Package scenario is the text format for what a supervisor was given and what it decided. Transcripts written by hand,
// counterexamples found by a search, and recordings from production are all the same kind of file: a failure anywhere
// replays everywhere, from one file that people can read.
//
// [Parse] reads a scenario and [Scenario.Append] writes one. [Scenario.Play] runs it through a fresh [core.Machine] and
// reports the first decision that differs from the recorded one; [Scenario.Rewrite] replaces the recorded decisions.
// [Player] does the same one statement at a time. [Log] is a binary form beside the text, for what a machine is told. [Recorder] stands between a driver and its machine and writes as it
// goes. [Recording] has several of them write one text, and [ParseAll] reads that.
//
// # An example
//
//	scenario 1
//	config seed=7 dead=1/2 stop=reverse
//	policy usual
//	policy quick base=10ms attempts=1
//
//	# Two tasks are added before the supervisor starts.
//	at 0s add web
//	  0s add web none->created added
//	at 0s add cache policy=quick key=9
//	  0s add cache none->created added
//	at 0s start
//	  0s start web#1 created->healthy supervisor-start
//	  0s start cache#1 created->healthy supervisor-start
//
//	at 3s exit cache#1 panic
//	  3s transition cache#1 healthy->failed failure attempts=1 until=3.02s exit=panic
//	expect deadline -> 3.02s
//	at 5s tick
//	  3.02s start cache#2 failed->healthy backoff attempts=1
//
//	# The end of the old run is reported once more. It must not hurt the new one.
//	at 6s exit cache#1 panic
//	  6s reject cache#1 healthy stale-run attempts=1
//	at 7s exit cache#2 error
//	  7s transition cache#2 healthy->dead exhausted attempts=1 exit=error
//	expect counts -> total=2 healthy=1 dead=1
//	at 8s tick
//	  nothing
//	at 9s shutdown
//	  9s stop web#1 healthy->stopping supervisor-stop until=19s
//	at 10s exit web#1 ok
//	  10s transition web#1 stopping->halted supervisor-stop exit=stopped
//	  10s halt shutdown
//
// # Lines
//
// A scenario is UTF-8 text in lines of words separated by spaces. The first line names the version. A comment is a line of
// its own that begins with #. Blank lines and comments belong to the line below them and are kept. The version is
// followed, in this order, by
//
//	config FIELDS              the configuration, at most once
//	policy NAME FIELDS         a policy; they make up Config.Policies in this order
//	snapshot                   instead of both: the state to begin with, in indented lines of base64
//
// and then any number of statements:
//
//	at INSTANT EVENT           the machine is given an event
//	  INSTANT ACTION           what it decided: any number of indented lines, directly below
//	  nothing                  or this one, if it decided nothing
//	define NAME FIELDS         the machine is given a policy in mid-run (core.Machine.Define)
//	limits NAME FIELDS         the machine is given limits (core.Machine.DefineLimits), which an event puts into force
//	task NAME ID               a name for a task that has none, as for those in a snapshot
//	expect QUESTION -> ANSWER  the machine is asked a question
//
// The first line of a recording says more than the version:
//
//	scenario 1 part=2 of=shop/bank run=3 origin=2026-11-28T03:51:34.5Z
//
// The scenario is part 2 of a recording. It is of the third run of the supervisor shop/bank, and its instant 0 was at that
// date and time of day, in UTC. What is not known is left out. Further scenarios may follow in the same text, each with
// such a line. Their lines may alternate: then a line says which scenario, of those above, goes on. If several have that
// number, the latest does. Such a line can also say what was not known when the scenario began.
//
//	continue part=2 of=shop/bank run=3
//
// An event with no indented line below it is given to the machine, and what the machine does is not compared. The same
// goes for a question without an answer.
//
// # Events and actions
//
//	tick | start | shutdown
//	add NAME                        the name may be missing
//	remove TASK | restart TASK | kill TASK | suspend TASK | resume TASK | hold TASK | release TASK
//	exit TASK#RUN EXIT
//	ready TASK#RUN | unready TASK#RUN | beat TASK#RUN
//	probe TASK#RUN EXIT             the answer to a probe
//	need TASK TASK                  the first needs the second
//	policy TASK POLICY
//	limits LIMITS
//
//	KIND TASK#RUN STATUS->STATUS REASON
//
// followed by fields. An action leaves out what is zero: the task if it concerns the supervisor as a whole, the run and
// the status if there is none, and the arrow if the status does not change. EXIT, KIND,
// STATUS and REASON are the words that the String methods of package core return; a value beyond the known ones is
// written as its number.
//
// An event can also have fields that its kind ignores, so that a recording of a careless driver is exact.
//
// # Questions
//
//	status TASK    -> STATUS REASON FIELDS, or unknown
//	needs TASK     -> TASK or bound=TASK for each it needs, in the order they were added; or nothing, or unknown
//	counts         -> total=N and the statuses that are not zero
//	deadline       -> INSTANT
//	timer          -> INSTANT TASK, without the TASK if it concerns the supervisor as a whole
//	now            -> INSTANT
//	phase          -> PHASE REASON
//	supervisor     -> PHASE REASON FIELDS
//	digest         -> sixteen hexadecimal digits
//
// An answer is compared as text with the machine's answer in canonical form.
//
// # Values
//
//	INSTANT    a duration since the origin, such as 1m20.000000001s or -5s, or never
//	DURATION   the same, or forever
//	FRACTION   1/2
//	RATE       5/10s: five in ten seconds; the duration may be forever
//	NAME       a letter or _, then letters, digits and any of _ - . / : or any text as a quoted Go string
//	ID         @3.0: the third task ever added, which has slot 0
//	TASK       a NAME or an ID
//	TASK#RUN   a#2, "odd name"#2, @3.0#2; without #RUN, run 0
//	POLICY     its NAME, or its number: that of the first in Config.Policies is 0
//	LIMITS     their NAME, or their number: those of the configuration have 0
//
// A name stands for a task from its add on, even after the task was removed, until another add takes the name over. If an
// add is refused, the name stands for what it stood for before. A task whose name was taken over, or that never had
// one, goes by its id.
//
// # Fields
//
// All are KEY=VALUE, and have the meaning and the default of the field they stand for:
//
//	config   seed=N strategy=one-for-one|one-for-all|rest-for-one dead=FRACTION intensity=RATE restart-rate=RATE
//	         auto=never|all|any stop=by-strategy|together|reverse shutdown=DURATION check=DURATION tasks=N
//	limits   dead=FRACTION intensity=RATE restart-rate=RATE auto=never|all|any shutdown=DURATION
//	policy   restart=on-failure|always|never base=DURATION factor=N exponent=N cap=DURATION jitter=FRACTION
//	         attempts=N|unlimited exhausted=dead|escalate stable=DURATION readiness=true|false start=DURATION
//	         watchdog=DURATION probe=INTERVAL/TIMEOUT/FAILURES miss=restart|report stop=DURATION
//	         hung-stop=DURATION uptime=DURATION abandon=wait|replace|escalate significant=true|false
//	event    task=TASK#RUN other=TASK within=DURATION delay=DURATION policy=POLICY limits=LIMITS key=N run=N fenced=N exit=EXIT
//	         bound=true suspended=true held=true
//	action   attempts=N until=INSTANT exit=EXIT left-behind=N
//	status   intent=INTENT wait=WAIT need=TASK run=N live=true fenced=N attempts=N misses=N probing=true
//	         silent=true hung=true suspended=true held=true since=INSTANT until=INSTANT clears=INSTANT exit=EXIT policy=POLICY key=N
//	supervisor  culprit=TASK#RUN started=INSTANT check=INSTANT shutdown=INSTANT crashes=INSTANT,... restarts=INSTANT,...
//
// stop of a config line is Config.StopOrder, start and stop of a policy line are its timeouts, and probe=10s/1s/3 is an
// interval of 10 s, a timeout of 1 s and three failures.
//
// # Canonical form
//
// The printer leaves out defaults, puts fields in the order above and one space between words. Parsing what it wrote
// gives the same scenario, and printing what was parsed from canonical text gives the same bytes.
package scenario
