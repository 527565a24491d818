"""/cargo and /one-record: air waybills, manifests, logistics objects."""
