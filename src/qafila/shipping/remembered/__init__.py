"""What a merchant need not say twice: sender profiles, an address book, goods with their HS code, weight and origin."""
