package batchfile

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/tidemark/tidemark/tables"
)

// node returns the Parquet declaration of a column.
func node(c Column) (schema.Node, error) {
	var logical schema.LogicalType = schema.NoLogicalType{}
	physical, length := parquet.Types.Int64, -1
	switch c.Type.Kind {
	case tables.Bool:
		physical = parquet.Types.Boolean
	case tables.Int64:
	case tables.Float64:
		physical = parquet.Types.Double
	case tables.DecimalKind:
		logical = schema.NewDecimalLogicalType(int32(c.Type.Precision), int32(c.Type.Scale))
		if c.Type.Precision > narrowDigits {
			physical, length = parquet.Types.FixedLenByteArray, 16
		}
	case tables.String:
		physical, logical = parquet.Types.ByteArray, schema.StringLogicalType{}
	case tables.JSON:
		physical, logical = parquet.Types.ByteArray, schema.JSONLogicalType{}
	case tables.Bytes:
		physical = parquet.Types.ByteArray
	case tables.UUID:
		physical, length, logical = parquet.Types.FixedLenByteArray, 16, schema.UUIDLogicalType{}
	case tables.Date:
		physical, logical = parquet.Types.Int32, schema.DateLogicalType{}
	case tables.Time:
		logical = schema.NewTimeLogicalType(false, schema.TimeUnitMicros)
	case tables.Timestamp:
		logical = schema.NewTimestampLogicalType(true, schema.TimeUnitMicros)
	default:
		return nil, fmt.Errorf("column %s: no Parquet type for %s", c.Name, c.Type)
	}
	return schema.NewPrimitiveNodeLogical(c.Name, parquet.Repetitions.Optional, logical, physical, length, -1)
}

func group(columns []Column) (*schema.GroupNode, error) {
	var fields schema.FieldList
	for _, c := range columns {
		n, err := node(c)
		if err != nil {
			return nil, err
		}
		fields = append(fields, n)
	}
	return schema.NewGroupNode("rows", parquet.Repetitions.Required, fields, -1)
}
