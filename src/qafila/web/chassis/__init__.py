"""What every page shares: language, session, frame, formats."""
