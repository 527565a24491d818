-- Entries of the log by kind.
SELECT kind, count(*) AS entries FROM span GROUP BY kind ORDER BY kind
