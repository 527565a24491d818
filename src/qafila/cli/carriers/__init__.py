"""Commands about carriers that join."""
