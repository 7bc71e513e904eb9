package rowwriter

// arena hands out byte slices from larger pieces: one allocation serves some
// hundred rows. The pieces are freed when the last slice of each is. A piece is twice as large as the
// one before: a partition that little comes to keeps little.
type arena struct {
	piece  []byte
	length int // of the next piece
}

const (
	leastPiece = 2 << 10
	arenaPiece = 64 << 10
)

// begin returns space to append to; keep gives back what was not used.
func (a *arena) begin(atLeast int) []byte {
	if cap(a.piece)-len(a.piece) < atLeast {
		a.length = max(a.length, leastPiece)
		a.piece = make([]byte, 0, max(a.length, atLeast))
		a.length = min(2*a.length, arenaPiece)
	}
	return a.piece[len(a.piece):len(a.piece):cap(a.piece)]
}

// keep takes the appended slice over. One that outgrew its room gets an allocation of its own.
func (a *arena) keep(b []byte) []byte {
	n := len(a.piece)
	if len(b) > 0 && cap(a.piece)-n >= len(b) && &a.piece[:n+1][n] == &b[0] {
		a.piece = a.piece[:n+len(b)]
	}
	return b[:len(b):len(b)]
}
