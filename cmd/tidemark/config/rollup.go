package config

import (
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rollup"
)

// measureText is function(column), or count().
var measureText = regexp.MustCompile(`^\s*([a-z_]+)\s*\(\s*([^()]*?)\s*\)\s*$`)

// rollups reads the rollups of a table, none of whose names may occur twice.
func (o tableObject) rollups(t *tables.Table) []tables.Rollup {
	var out []tables.Rollup
	for _, it := range o.list("rollups") {
		obj := o.r.object(it.node, it.path, keysOf("tables[].rollups[]")...)
		if !obj.ok {
			continue
		}
		def := tables.Rollup{}
		if obj.need("name", "want a-z, digits and underscores, such as orders_by_status") {
			if def.Name = obj.text("name", ""); !tableName.MatchString(def.Name) && !obj.failed("name") {
				obj.fault("name", "%q is no rollup's name: want a letter a-z, then at most 62 of a-z, digits and underscores", clip(def.Name))
			}
		}
		if obj.need("group_by", "the columns whose values make a group, such as [status]") {
			def.GroupBy = obj.columnNames("group_by", t)
		}
		if obj.need("measures", "such as {n: count(), total: sum(total)}") {
			def.Measures = obj.measures()
		}
		if len(o.r.faults) == 0 { // the columns and their types are known to be good
			if _, err := rollup.Describe(t, def); err != nil {
				o.r.fault(it.node, it.path, "%v", err)
			}
		}
		out = append(out, def)
	}
	return out
}

// measures reads the mapping of names to functions, in its order.
func (o object) measures() []tables.Measure {
	n := o.values["measures"]
	if n.Kind != yaml.MappingNode {
		o.fault("measures", "want names and functions such as {n: count()}, found %s", describe(n))
		return nil
	}
	var out []tables.Measure
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], resolve(n.Content[i+1])
		path := o.at("measures") + "." + name.Value
		text, ok := o.r.textNode(value, path)
		if !ok {
			continue
		}
		m := measureText.FindStringSubmatch(text)
		if m == nil {
			o.r.fault(value, path, "%q is no measure: want a function of a column such as sum(total), or count()", clip(text))
			continue
		}
		out = append(out, tables.Measure{Name: name.Value, Function: m[1], Column: m[2]})
	}
	return out
}
