-- By merchant and year: goods sold through the hub against all that the merchant says it sold, in euro. Those who said nothing are not here.
WITH stated AS (
    SELECT owner, s.value ->> '$.year' AS year, CAST(s.value ->> '$.amount' AS REAL) / per_eur AS stated,
        row_number() OVER (PARTITION BY owner, s.value ->> '$.year' ORDER BY entries.number DESC) AS newest
    FROM entries JOIN owners USING (number) JOIN opened s ON s.number = entries.number AND s.field = 'sales'
        JOIN rates ON rates.number = entries.number AND rates.currency = s.value ->> '$.currency'
    WHERE kind = 'openness.sales'
), sold AS (
    SELECT owner, CAST(strftime('%Y', at) AS INTEGER) AS year, sum(CAST(b.value ->> '$.value' AS REAL) / per_eur) AS sold
    FROM entries JOIN owners USING (number) JOIN opened b ON b.number = entries.number AND b.field = 'booked'
        JOIN rates ON rates.number = entries.number AND rates.currency = b.value ->> '$.value_currency'
    WHERE kind = 'shipping.booking' GROUP BY owner, year
)
SELECT owner, year, coalesce(sold, 0) AS sold, stated, coalesce(sold, 0) / stated AS share
FROM stated LEFT JOIN sold USING (owner, year) WHERE newest = 1 AND stated > 0 ORDER BY owner, year
