"""The storage wing: the supervisor's page, and the scanner's page that works without connection."""
