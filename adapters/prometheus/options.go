package prometheus

// Option is an option of [NewCollector] and [Handler]. A nil Option changes nothing.
type Option func(*options)

type options struct {
	seriesLimit int
	statusUpTo  int
}

func defaults() options { return options{seriesLimit: 10_000, statusUpTo: 500} }

// WithSeriesLimit bounds how many series the tree has, whatever its size. The tasks, and supervisors, for which there is no room are
// counted together under the name _other: tasksupervisor_tasks_folded and tasksupervisor_supervisors_folded say how many they
// are. A task that has series of its own keeps them when others are added. A limit of less than about 200 leaves no
// task a series of its own. Default: 10,000.
func WithSeriesLimit(series int) Option { return func(o *options) { o.seriesLimit = series } }

// WithStatusUpTo says up to how many tasks tasksupervisor_task_status is there, which has nine series a task. It is also left out, from
// then on, once it does not fit into the limit of series. The alerts do without it. 0: it is never there. Default: 500.
func WithStatusUpTo(tasks int) Option { return func(o *options) { o.statusUpTo = tasks } }
