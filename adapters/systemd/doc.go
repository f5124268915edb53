// Package systemd tells systemd how a tree of supervisors is, and takes the sockets that it passes. It is a module of its own,
// because it depends on github.com/coreos/go-systemd/v22.
//
//	sup, err := supervisor.New(...)
//	...
//	stop, err := systemd.Notify(sup)
//	...
//	defer stop()
//	return sup.Run(ctx)
//
// with a unit such as
//
//	[Service]
//	Type=notify-reload
//	WatchdogSec=10s
//	Restart=on-failure
//	ExecStart=/usr/bin/shop
//
// Where systemd did not start the process all of this does nothing, so a program can call it anywhere.
package systemd
