"""Who may hold others' money, how much may be paid in cash, which tax a service bears: dated rules per territory."""
