"""The first pages: who one is to the hub, and what one decides next."""
