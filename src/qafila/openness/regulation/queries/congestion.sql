-- By place of departure: the part of the room that bookings took of the departures they took any of, and departures that an answer found full.
WITH taken AS (
    SELECT departure.value AS departure,
        sum(CASE WHEN kind = 'shipping.cancellation' OR field = 'given_back' THEN -1 ELSE 1 END * (room.value ->> '$.grams')) AS grams
    FROM span JOIN opened room USING (number) JOIN json_each(room.value, '$.departures') departure
    WHERE field IN ('room', 'given_back') AND kind IN ('shipping.booking', 'shipping.rebooking', 'shipping.cancellation')
    GROUP BY departure.value
), busy AS (
    SELECT facility, 100.0 * sum(taken.grams) / sum(departures.grams) AS percent, count(*) AS departures
    FROM taken JOIN departures USING (departure) GROUP BY facility
), found_full AS (
    SELECT facility, count(DISTINCT departure) AS full
    FROM span JOIN opened inputs ON inputs.number = span.number AND inputs.field = 'inputs'
        JOIN json_each(inputs.value, '$.full') f JOIN departures ON departures.departure = f.value
    GROUP BY facility
)
SELECT facility, coalesce(percent, 0) AS percent, coalesce(departures, 0) AS departures, coalesce(full, 0) AS full
FROM (SELECT facility FROM busy UNION SELECT facility FROM found_full)
    LEFT JOIN busy USING (facility) LEFT JOIN found_full USING (facility)
ORDER BY facility
