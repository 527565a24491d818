-- Standard deviation over mean of the prices of like shipments (same rides, weight, currency), mean over groups of two and more.
WITH way AS (
    SELECT way.value ->> '$.rides' AS rides, coalesce(like.value ->> '$.grams', asked.value ->> '$.grams') AS grams,
        way.value ->> '$.currency' AS currency, CAST(way.value ->> '$.price' AS REAL) AS price
    FROM span JOIN opened answer ON answer.number = span.number AND answer.field = 'answer'
        LEFT JOIN opened like ON like.number = span.number AND like.field = 'like'
        LEFT JOIN opened asked ON asked.number = span.number AND asked.field = 'order'
        JOIN json_each(answer.value) way
    WHERE kind = 'shipping.offers' AND coalesce(like.value, asked.value) IS NOT NULL
), alike AS (
    SELECT avg(price) AS mean, count(*) AS n, rides, grams, currency FROM way GROUP BY rides, grams, currency HAVING count(*) > 1
), spread AS (
    SELECT sqrt(sum((price - mean) * (price - mean)) / n) / mean AS spread
    FROM way JOIN alike USING (rides, grams, currency) GROUP BY rides, grams, currency
)
SELECT avg(spread) AS dispersion FROM spread
