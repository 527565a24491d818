"""Commands of arrival times."""
