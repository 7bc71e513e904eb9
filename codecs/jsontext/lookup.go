package jsontext

// Lookup returns the value of a member of an object, or nil.
func Lookup(object []byte, name string) []byte {
	s := Scan(object)
	for _, n := range s.Members() {
		found := string(n) == name
		if v := s.Value(); found {
			return v
		}
	}
	return nil
}

// First returns name and value of an object's first member, or nothing.
func First(object []byte) (name, value []byte) {
	s := Scan(object)
	for _, name := range s.Members() {
		return name, s.Value()
	}
	return nil, nil
}
