package leash

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// proc is what /proc says of a process.
type proc struct {
	pid, parent, group, session int
	start                       uint64 // clock ticks since the machine was started
	state                       byte
	threads                     int
}

// alive reports whether a process is more than a zombie. One whose first thread has ended looks like one as long as others run.
func (p *proc) alive() bool {
	return p.state != 'Z' && p.state != 'X' && p.state != 'x' || p.threads > 1
}

// directory is an open /proc.
type directory struct{ fd int }

func openProc() (directory, error) {
	fd, err := unix.Open("/proc", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return directory{fd}, err
}

func (d directory) close() error { return unix.Close(d.fd) }

// read reads a file below /proc into a buffer, and returns what was read, which is the buffer's if it is large enough.
func (d directory) read(name string, buffer []byte) ([]byte, error) {
	fd, err := unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	read := 0
	for {
		if read == len(buffer) {
			buffer = append(buffer, make([]byte, max(4096, len(buffer)))...)
		}
		n, err := unix.Read(fd, buffer[read:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case n == 0:
			return buffer[:read], nil
		default:
			read += n
		}
	}
}

// stat returns what there is to know of a process.
func (d directory) stat(pid int) (proc, error) {
	var buffer [1024]byte
	text, err := d.read(strconv.Itoa(pid)+"/stat", buffer[:])
	if err != nil {
		return proc{}, err
	}
	p, ok := parseStat(text)
	if !ok {
		return proc{}, errors.New("/proc/" + strconv.Itoa(pid) + "/stat is not as expected")
	}
	return p, nil
}

// parseStat reads a line of /proc/PID/stat. The name of the program, in parentheses, can have anything in it.
func parseStat(line []byte) (proc, bool) {
	name, rest := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ')')
	if name < 0 || rest < 0 {
		return proc{}, false
	}
	p := proc{pid: int(number(line[:name]))}
	field := 3 // as proc_pid_stat(5) counts them
	for word := range bytes.FieldsSeq(line[rest+1:]) {
		switch field {
		case 3:
			p.state = word[0]
		case 4:
			p.parent = int(number(word))
		case 5:
			p.group = int(number(word))
		case 6:
			p.session = int(number(word))
		case 20:
			p.threads = int(number(word))
		case 22:
			p.start = number(word)
			return p, p.pid > 0
		}
		field++
	}
	return proc{}, false
}

// number returns a decimal number; of a negative one, such as the group of a process of the kernel, 0.
func number(digits []byte) uint64 {
	var n uint64
	for _, digit := range digits {
		if digit < '0' || digit > '9' {
			return 0
		}
		n = 10*n + uint64(digit-'0')
	}
	return n
}

// tokens returns the value of [Variable] that a process was started with. It is empty if there is none, or it cannot be read.
func (d directory) tokens(pid int) string {
	var buffer [4096]byte
	environment, err := d.read(strconv.Itoa(pid)+"/environ", buffer[:])
	if err != nil {
		return ""
	}
	for variable := range bytes.SplitSeq(environment, []byte{0}) {
		if value, found := bytes.CutPrefix(variable, []byte(Variable+"=")); found {
			return string(value)
		}
	}
	return ""
}

// pids returns the numbers of all processes, in ascending order.
func (d directory) pids() ([]int, error) {
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	var pids []int
	var names []string
	buffer := make([]byte, 32<<10)
	for {
		n, err := unix.ReadDirent(fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil, err
		case n <= 0:
			slices.Sort(pids)
			return pids, nil
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names[:0])
		for _, name := range names {
			if pid := int(number([]byte(name))); pid > 0 {
				pids = append(pids, pid)
			}
		}
	}
}
