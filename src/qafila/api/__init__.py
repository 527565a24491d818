"""The HTTP API: translates requests to calls below and answers to JSON. No rule of the business is here."""
