"""The engines that checks run on: browser, load, permissions, and fuzzing, which borrows the matrix of permissions."""
