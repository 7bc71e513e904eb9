// Package topics reads the topics beside the changelog, without a group: where
// topics end, manifests and progress as they come (Tail), and the rows of a
// batch from the snapshot topic (Scan). A Set is the topics that a view's rows belong to.
package topics
