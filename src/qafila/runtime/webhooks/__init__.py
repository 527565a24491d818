"""Webhooks: events are sent to addresses that their owners name, signed as Standard Webhooks 1.0 says."""
