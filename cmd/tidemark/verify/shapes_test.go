package verify

import "testing"

// What Debezium wrote for values of PostgreSQL, and what it did not.
func TestShapesAreComparedByTheirNumbers(t *testing.T) {
	const line = `"wkb":"AQIAAAADAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAAA","srid":null`
	for _, c := range []struct{ native, database, other, table string }{
		{"box", "(1,1),(0,0)", "(1,1),(0,2)", `{"wkb":"AQMAAAABAAAABQAAAAAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/","srid":null,"extensions":{"type":"box"}}`},
		{"lseg", "[(0,0),(1,2)]", "[(0,0),(1,3)]", `{"wkb":"AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAEA=","srid":null,"extensions":{"type":"lseg"}}`},
		{"path", "((0,0),(1,1),(2,0))", "[(0,0),(1,1),(2,0)]", `{` + line + `,"extensions":{"type":"path","closed":"true"}}`},
		{"path", "[(0,0),(1,1),(2,0)]", "((0,0),(1,1),(2,0))", `{` + line + `,"extensions":{"type":"path","closed":"false"}}`},
		{"polygon", "((0,0),(1,1),(2,0))", "((0,0),(1,1))", `{"wkb":"AQMAAAABAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwPwAAAAAAAPA/AAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","srid":null,"extensions":{"type":"polygon"}}`},
		{"circle", "<(1,2),3>", "<(1,2),4>", `{"center":{"x":1.0,"y":2.0,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null},"radius":3.0}`},
		{"line", "{1,2,3}", "{1,2,-3}", `{"a":1.0,"b":2.0,"c":3.0}`},
	} {
		same := sameShape(c.native)
		if !same(c.database, c.table) || same(c.other, c.table) || same("", c.table) || same(c.database, `{}`) || same(c.database, `{"wkb":"AQ=="}`) || same(c.database, `7`) {
			t.Errorf("%s: %s, and not %s or nothing, is %s", c.native, c.database, c.other, c.table)
		}
	}
	if !sameGeometry("AQ==", `{"wkb":"AQ==","srid":4326}`) || sameGeometry("AQ==", `{"wkb":"AA=="}`) || sameGeometry("AQ==", `"AQ=="`) {
		t.Error("bytes of a shape")
	}
}
