package system

import (
	"fmt"
	"sync"
	"time"
)

// disk is where the data directory is. It is looked at now and then, when somebody asks.
type disk struct {
	dir string

	mu     sync.Mutex
	looked time.Time
	text   string
}

const (
	diskLook = 5 * time.Second
	// A disk is nearly full with less than a twentieth left, and less than this: of a
	// large disk a twentieth is plenty.
	diskPlenty = 5 << 30
)

// NearlyFull says how much is left where that is little; empty otherwise.
func (d *disk) NearlyFull() string {
	if d == nil {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); now.Sub(d.looked) >= diskLook {
		d.looked = now
		free, size, known := space(d.dir)
		if d.text = ""; known && little(free, size) {
			d.text = fmt.Sprintf("%d MB of %d MB are left where data_dir is: free some, or give it a larger disk", free>>20, size>>20)
		}
	}
	return d.text
}

func little(free, size uint64) bool { return free < size/20 && free < diskPlenty }
