-- What each kind of tenant was answered: requests, part that got an offer, mean price of the first offer by currency.
SELECT coalesce(tenants.kind, 'merchant') AS class, coalesce(answer.value ->> '$[0].currency', '') AS currency, count(*) AS requests,
    avg(span.kind = 'shipping.offers') AS accepted, avg(CAST(answer.value ->> '$[0].price' AS REAL)) AS price
FROM span JOIN owners USING (number) LEFT JOIN tenants ON tenants.tenant = owners.owner
    JOIN opened answer ON answer.number = span.number AND answer.field = 'answer'
WHERE span.kind IN ('shipping.offers', 'shipping.refusal') GROUP BY class, currency ORDER BY class, currency
