package system

import (
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// thisMachine asks the kernel. A container's limit is that of its control group, as it is seen from inside.
func thisMachine() (m machine) {
	var s syscall.Sysinfo_t
	if err := syscall.Sysinfo(&s); err == nil {
		m.memory = int64(s.Totalram) * int64(s.Unit)
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is none
		if err == nil && n > 0 && n < 1<<60 {
			m.container = n
		}
	}
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err == nil {
		m.files = int(min(r.Cur, math.MaxInt32)) // Go has raised it to the hard limit
	}
	return m
}
