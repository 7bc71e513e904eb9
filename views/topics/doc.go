// Package topics reads the topics beside the changelog, without a group: the end
// offsets of topics, manifests and progress records as they arrive (Follow), and the rows
// of a batch from the snapshot topic (Scan). A Set is the topics that a view's rows belong to.
package topics
