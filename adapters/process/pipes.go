package process

import (
	"os"
)

// openTerminal makes the terminal of the run, which is its standard input, output and error.
func (p *process) openTerminal() (files []*os.File, streams []*stream, err error) {
	rows, columns := p.task.viewers.size(p.command.Rows, p.command.Columns)
	here, theirs, err := openPTY(rows, columns)
	if err != nil {
		return nil, nil, err
	}
	p.input, p.ends = here, append(p.ends, here)
	return []*os.File{theirs, theirs, theirs}, []*stream{p.stream(Terminal)}, nil
}

// systemPipe makes a pipe. This process can close its end while it reads from it; that of the command blocks, as programs expect.
func systemPipe() (readEnd, *os.File, error) {
	here, theirs, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return here, theirs, nil
}

// inputPipe makes a pipe to a command.
func inputPipe() (theirs, here *os.File, err error) { return os.Pipe() }
