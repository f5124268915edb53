package procfs

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Process is what /proc says of a process.
type Process struct {
	PID, Parent, Group, Session int
	Start                       uint64 // clock ticks since the machine was started
	State                       byte
	Threads                     int
}

// Alive reports whether a process is more than a zombie. One whose first thread has ended looks like a zombie as long as others run.
func (p *Process) Alive() bool { return p.Executes() || p.Threads > 1 }

// Executes reports whether a process, or its first thread, is one that may be about to execute a program.
func (p *Process) Executes() bool { return p.State != 'Z' && p.State != 'X' && p.State != 'x' }

// Kernel reports whether a process is a thread of the kernel.
func (p *Process) Kernel() bool { return p.Session == 0 && p.Group == 0 }

// Now returns the time as Start has it.
func Now() uint64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return uint64(now.Nano() / int64(10*time.Millisecond)) // which is a tick on all that Go is for
}

// FS is an open /proc. It is safe for concurrent use, but for Close.
type FS struct{ fd int }

// Open opens /proc.
func Open() (FS, error) { return OpenAt("/proc") }

// OpenAt opens a directory that is like /proc.
func OpenAt(path string) (FS, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return FS{}, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return FS{fd}, nil
}

// Close closes it.
func (d FS) Close() error { return unix.Close(d.fd) }

// read reads a file below /proc into a buffer, and returns what was read, which is the buffer's if it is large enough.
func (d FS) read(name string, buffer []byte) ([]byte, error) {
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

// Stat returns what there is to know of a process.
func (d FS) Stat(pid int) (Process, error) {
	var buffer [1024]byte
	text, err := d.read(strconv.Itoa(pid)+"/stat", buffer[:])
	if err != nil {
		return Process{}, err
	}
	p, ok := parseStat(text)
	if !ok {
		return Process{}, errors.New("/proc/" + strconv.Itoa(pid) + "/stat is not as expected")
	}
	return p, nil
}

// parseStat reads a line of /proc/PID/stat. The name of the program, in parentheses, can have anything in it.
func parseStat(line []byte) (Process, bool) {
	name, rest := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ')')
	if name < 0 || rest < 0 {
		return Process{}, false
	}
	p := Process{PID: int(number(line[:name]))}
	field := 3 // as proc_pid_stat(5) counts them
	for word := range bytes.FieldsSeq(line[rest+1:]) {
		switch field {
		case 3:
			p.State = word[0]
		case 4:
			p.Parent = int(number(word))
		case 5:
			p.Group = int(number(word))
		case 6:
			p.Session = int(number(word))
		case 20:
			p.Threads = int(number(word))
		case 22:
			p.Start = number(word)
			return p, p.PID > 0
		}
		field++
	}
	return Process{}, false
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

// Ended reports whether an error says that a process has ended.
func Ended(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }

// Variable returns the value of a variable of the environment that a process was started with. It is empty if there is none, or
// it cannot be read. It is not known as long as the process is about to execute a program, and when it has ended.
func (d FS) Variable(pid int, name string) (value string, known bool) {
	var buffer [4096]byte
	environment, err := d.read(strconv.Itoa(pid)+"/environ", buffer[:])
	if err == nil && len(environment) == 0 {
		if !d.hasEnvironment(pid) {
			return "", false
		}
		environment, err = d.read(strconv.Itoa(pid)+"/environ", buffer[:]) // it has executed it just now, or has an empty one
	}
	if err != nil {
		return "", !Ended(err)
	}
	for variable := range bytes.SplitSeq(environment, []byte{0}) {
		if value, found := bytes.CutPrefix(variable, []byte(name)); found && len(value) > 0 && value[0] == '=' {
			return string(value[1:]), true
		}
	}
	return "", true
}

// hasEnvironment reports whether a process has an environment, if only an empty one.
func (d FS) hasEnvironment(pid int) bool {
	const end = 51 // where the environment ends, as proc_pid_stat(5) counts
	var buffer [1024]byte
	text, err := d.read(strconv.Itoa(pid)+"/stat", buffer[:])
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	return err == nil && len(fields) > end-3 && number(fields[end-3]) != 0
}

// Command returns the command line of a process, or its name in brackets if it has none. It is empty if it has ended.
func (d FS) Command(pid int) string {
	line, err := d.read(strconv.Itoa(pid)+"/cmdline", nil)
	if err != nil {
		return ""
	}
	if words := bytes.TrimRight(line, "\x00"); len(words) > 0 {
		return string(bytes.ReplaceAll(words, []byte{0}, []byte{' '}))
	}
	name, err := d.read(strconv.Itoa(pid)+"/comm", nil)
	if err != nil {
		return ""
	}
	return "[" + string(bytes.TrimSpace(name)) + "]"
}

// Cgroup returns the path of a process in the hierarchy of control groups of version 2. It is empty if there is none.
func (d FS) Cgroup(pid int) string {
	var buffer [1024]byte
	text, err := d.read(strconv.Itoa(pid)+"/cgroup", buffer[:])
	if err != nil {
		return ""
	}
	for line := range bytes.SplitSeq(text, []byte{'\n'}) {
		if path, found := bytes.CutPrefix(line, []byte("0::")); found {
			return string(path)
		}
	}
	return ""
}

// PIDs returns the numbers of all processes, in ascending order.
func (d FS) PIDs() ([]int, error) {
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
