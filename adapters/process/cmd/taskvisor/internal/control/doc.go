// Package control is how a running taskvisor is asked and commanded: HTTP with JSON over a unix socket that only its own user can
// open. The socket lies beside the file that taskvisor runs, so that whoever is in that folder finds it.
//
// [Listen] claims the socket, [NewHandler] answers on it, and [Client] asks. Both sides may be of different versions: objects may
// gain keys, and whatever else changes has another prefix than /v1.
//
//	GET  /v1/info             which taskvisor this is: Info
//	GET  /v1/tree             all tasks with their process numbers: Tree
//	GET  /v1/tasks.json       what the live page knows, see docs/page.md; also task.json?path=, events and recording
//	POST /v1/tasks/{action}   an operator command about tasks: Order, answered by Done
//	POST /v1/apply            the file is read again: ApplyOrder, answered by Applied
//	GET  /v1/log              what tasks have written last, and write: a screen.Record a line; ?task=, ?lines=, ?since=, ?follow=
//	GET  /v1/attach?task=     the terminal of a task, see package attach
//	POST /v1/shutdown         all is stopped, as by Ctrl-C: ShutdownOrder
//	GET  /v1/ended            is answered by the end of the process
//
// A refusal has a status from 400 on, and an Error as its body.
package control
