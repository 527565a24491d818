"""The open hub: the transparency log, what is published, and how anyone checks that all are treated alike."""
