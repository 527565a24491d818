"""What every part of the API shares: keys, problems, pages of lists."""
