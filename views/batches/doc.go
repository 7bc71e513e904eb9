// Package batches collects the manifests of a table's batches, and what a view has of each:
// whether it holds it, and how large its file is. It neither reads topics nor writes files.
package batches
