package config

import "github.com/tidemark/tidemark/tables"

// compiles checks what only the codecs can tell, once the table itself is right.
func (o object) compiles(t *tables.Table) {}
