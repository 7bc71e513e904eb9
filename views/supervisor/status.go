package supervisor

// Ready reports whether the table is up to date: it has reached the end that its topics had when
// it started, and all of its rows have the table's columns.
func (u *Supervisor) Ready() bool { return u.state.reached.Load() && u.Uniform() }

// Uniform reports whether all rows are of the table as it is declared.
func (u *Supervisor) Uniform() bool {
	return u.parts.OtherSchema.Count() == 0 && (!u.o.Seeded || u.parts.Bootstrap.Live())
}

// Reached reports whether the ends are reached that the topics had at the start.
func (u *Supervisor) Reached() bool { return u.state.reached.Load() }

// Refused returns why the table is not served as the one that was declared, nil where it is.
func (u *Supervisor) Refused() error { return u.state.refused() }

// Note says what is wrong, or what is being done; empty when all is well.
func (u *Supervisor) Note() string {
	note := u.state.said()
	switch {
	case u.parts.OtherSchema.Count() > 0:
		return u.parts.OtherSchema.Note()
	case u.o.Seeded && !u.parts.Bootstrap.Live():
		return u.parts.Bootstrap.Note()
	case u.parts.Faults.Note() != "":
		return u.parts.Faults.Note()
	case u.Ready() && u.Current() != nil && note == noteReading:
		return ""
	}
	return note
}

// Restarts counts how often the reader of the changelog had to be built again.
func (u *Supervisor) Restarts() int64 { return u.attached.began() }
