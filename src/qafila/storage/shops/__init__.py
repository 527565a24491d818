"""Shops of merchants are told how much of each product is free: by the files that they import, or live, where keys are given."""
