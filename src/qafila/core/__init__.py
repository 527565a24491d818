"""Values without any I/O: messages, faults, money, identifiers, places on the globe."""
