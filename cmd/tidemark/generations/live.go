package generations

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// livePatience bounds how long Live waits for the record of generations.
const livePatience = 10 * time.Second

// Live returns the definition of the generation of a table that is read now: the
// declared one where there is no record yet.
func Live(ctx context.Context, s kafka.Settings, declared *tables.Table) (*tables.Table, error) {
	ctx, cancel := context.WithTimeout(ctx, livePatience)
	defer cancel()
	state, err := Read(ctx, s, declared)
	if err != nil {
		return nil, fmt.Errorf("find the generation of table %s: %w", declared.Name, err)
	}
	if state.Record.Number == 0 {
		if declared.ColumnsFrom == tables.ColumnsSchema {
			return nil, fmt.Errorf("the columns of table %s come from the schema of its records, which no process has read yet", declared.Name)
		}
		return declared, nil
	}
	return &state.Record.Current, nil
}
