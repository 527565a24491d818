"""Customs: what is due on goods and why, tariff schedules, preference and origin, classification, screening."""
