"""Pages about the own account, people and their roles, keys, and invitations."""
