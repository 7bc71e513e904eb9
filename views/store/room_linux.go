package store

import "syscall"

// preferHuge asks the kernel for huge pages where it gives them to who asks. It is a
// wish: nothing depends on the answer.
func preferHuge(pages []byte) { _ = syscall.Madvise(pages, syscall.MADV_HUGEPAGE) }
