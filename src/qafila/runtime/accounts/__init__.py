"""Accounts: tenants, people with roles, keys with scopes, sessions. Who acts, and what they may do."""
