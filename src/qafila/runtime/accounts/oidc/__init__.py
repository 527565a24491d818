"""Signing in at somebody else's door: OpenID Connect providers whom the operator trusts."""
