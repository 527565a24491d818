"""What runs the house: database, accounts, events and their outbox, jobs, context, telemetry, settings."""
