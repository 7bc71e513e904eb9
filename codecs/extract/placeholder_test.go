package extract

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
)

func TestPlaceholderGivenAsBytes(t *testing.T) {
	p := NewPlaceholder("hex:5f5f646566617578")
	for name, shape := range codectest.PlaceholderShapes("__defaux") {
		if !p.Is([]byte(shape)) {
			t.Errorf("%s is not seen", name)
		}
	}
}

func TestHexadecimalDigitsOfAShortPlaceholderAreAValue(t *testing.T) {
	if p := NewPlaceholder("x"); p.Is([]byte(`"78"`)) || !p.Is([]byte(`"x"`)) {
		t.Error("78 is taken for x")
	}
}

func TestWhatIsNoPlaceholder(t *testing.T) {
	p := NewPlaceholder("")
	for _, raw := range []string{
		``, `"`, `null`, `0`, `""`, `[]`, `{}`, `"` + codectest.PlaceholderText + ` "`, `["a"]`, `[95,95]`, `["` + codectest.PlaceholderText + `","x"]`,
		`["` + codectest.PlaceholderText + `","` + codectest.PlaceholderText + `"]`, `{"` + codectest.PlaceholderText + `":"x"}`, `{"x":"` + codectest.PlaceholderText + `"}`,
		`{"` + codectest.PlaceholderText + `":"` + codectest.PlaceholderText + `","x":1}`, `[["` + codectest.PlaceholderText + `"]]`, `{"` + codectest.PlaceholderText + `":1}`,
		strings.Replace(codectest.PlaceholderShapes(codectest.PlaceholderText)["codes"], "]", ",1]", 1), `["b68a35a7-17ad-35b3-af2a-ae46edb4545b"]`,
		`"` + strings.Repeat("x", 5000) + `"`, `[` + strings.Repeat(" ", 5000) + `]`, `"\ud800"`, `[`, `{`, `[95`,
	} {
		if p.Is([]byte(raw)) {
			t.Errorf("%.40s is taken for the placeholder", raw)
		}
	}
}
