package persist

import "testing"

func FuzzRuns(f *testing.F) {
	f.Add([]byte{1, 2, 3}, 6)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 100)
	f.Fuzz(func(t *testing.T, src []byte, rows int) {
		rows &= 0xffff
		b, err := parseRuns(src, rows)
		if err != nil {
			return
		}
		again, err := parseRuns(appendRuns(nil, b, rows), rows)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if b.Get(i) != again.Get(i) {
				t.Fatalf("row %d differs after a round trip", i)
			}
		}
	})
}
