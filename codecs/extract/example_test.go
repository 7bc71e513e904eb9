package extract_test

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/tables"
)

func ExampleMergeDocument() {
	event := `{"id":7,"status":"paid","note":"__debezium_unavailable_value"}`
	stored := `{"id":7,"status":"new","note":"left at the door"}`
	fmt.Println(string(extract.MergeDocument(&tables.Table{}, []byte(event), []byte(stored))))
	// Output: {"id":7,"status":"paid","note":"left at the door"}
}
