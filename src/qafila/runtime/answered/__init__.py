"""What requests with an idempotency key were answered, so that the same request gets the same answer and acts once."""
