"""Commands about warehouses."""
