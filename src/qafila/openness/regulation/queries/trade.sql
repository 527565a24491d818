-- Bookings through the hub by direction, against the hub's own country.
SELECT CASE WHEN said ->> '$.from' = said ->> '$.to' THEN 'inside' WHEN said ->> '$.from' = (SELECT country FROM asked) THEN 'export'
    WHEN said ->> '$.to' = (SELECT country FROM asked) THEN 'import' ELSE 'transit' END AS direction, count(*) AS bookings
FROM span WHERE kind = 'shipping.booking' GROUP BY direction ORDER BY direction
