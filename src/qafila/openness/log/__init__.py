"""A transparency log after C2SP: hashes, tiles, notes, witnesses, receipts. Nothing here knows a database."""
