"""HTTP and HTML plumbing that every package's routes share; knows no domain."""
