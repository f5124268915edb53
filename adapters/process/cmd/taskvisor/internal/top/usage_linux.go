package top

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// processes returns all processes of the machine that can be seen.
func processes() []osProcess {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = folder.Close() }()
	names, _ := folder.Readdirnames(-1)
	all := make([]osProcess, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if text, err := os.ReadFile("/proc/" + name + "/stat"); err == nil {
				if p, ok := parseStat(pid, string(text)); ok {
					all = append(all, p)
				}
			}
		}
	}
	return all
}

// The kernel counts processor time in hundredths of a second here, whatever it uses itself.
const clockTick = 10 * time.Millisecond

// parseStat reads a line of /proc/PID/stat: see proc(5).
func parseStat(pid int, text string) (p osProcess, ok bool) {
	end := strings.LastIndexByte(text, ')') // of the name, which may have anything in it
	if end < 0 {
		return p, false
	}
	fields := strings.Fields(text[end+1:])
	const state, parent, group, session, user, system, resident = 0, 1, 2, 3, 11, 12, 21
	if len(fields) <= resident || fields[state] == "Z" {
		return p, false
	}
	number := func(i int) int64 {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		ok = ok && err == nil
		return n
	}
	ok = true
	p = osProcess{pid: pid, parent: int(number(parent)), group: int(number(group)), session: int(number(session))}
	p.cpu = time.Duration(number(user)+number(system)) * clockTick
	p.memory = uint64(number(resident)) * uint64(os.Getpagesize())
	return p, ok
}
