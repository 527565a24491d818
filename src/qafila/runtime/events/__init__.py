"""What happened, to what, when, where and by whose word: one envelope, one history, one order in which all read it."""
