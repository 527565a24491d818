-- Where data lie, as the operator last declared it before the end of the span.
SELECT p.value ->> '$.what' AS what, p.value ->> '$.country' AS country, p.value ->> '$.holder' AS holder
FROM (SELECT said FROM entries WHERE kind = 'openness.data_places' AND at < (SELECT until FROM asked) ORDER BY number DESC LIMIT 1), json_each(said, '$.places') p
ORDER BY what, country, holder
