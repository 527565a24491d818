"""The open hub for programs: the log, its witness."""
