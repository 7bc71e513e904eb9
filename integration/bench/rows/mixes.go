package rows

import "fmt"

// mix is how the readers' filters are made.
type mix struct {
	name   string
	goal   string
	filter func(reader int) string
}

// mixes are filters of which each reader has another. All are about the hot rows.
func mixes() []mix {
	return []mix{
		{"few", "100 ms", few},
		{"many", "100 ms", func(i int) string { // a tenth of the values of total
			const part = span / 10
			low := i * (span - part) / followers
			return fmt.Sprintf("total=gte.%d.%02d&total=lt.%d.%02d", low/100, low%100, (low+part)/100, (low+part)%100)
		}},
		{"all", "", func(i int) string { return fmt.Sprintf("total=gte.-%d", i) }},
	}
}

// few are the filters of dashboards and workers: each wants some rows.
func few(i int) string {
	low := i * 400
	switch {
	case i%10 < 6:
		return fmt.Sprintf("customer_id=eq.%d", i)
	case i%10 == 6:
		return fmt.Sprintf("customer_id=in.(%d,%d,%d,%d)", i, (i+1)%followers, (i+2)%followers, (i+3)%followers)
	case i%10 == 7:
		return fmt.Sprintf("total=gte.%d&total=lt.%d", low/100, low/100+30)
	case i%10 == 8:
		return fmt.Sprintf("or=(customer_id.eq.%d,and(status.eq.returned,weight.lt.%d))", i, i*2)
	}
	return fmt.Sprintf("city=eq.city %d&status=in.(open,paid,packed)&reference=like.ref-1*", i)
}

func noneOf(i int) string { return fmt.Sprintf("customer_id=eq.%d", followers+i) }

// filterOf returns how the readers of a mix filter.
func filterOf(name string) (func(int) string, error) {
	for _, m := range append(mixes(), mix{name: "nothing", filter: noneOf}) {
		if m.name == name {
			return m.filter, nil
		}
	}
	return nil, fmt.Errorf("there is no mix %q", name)
}
