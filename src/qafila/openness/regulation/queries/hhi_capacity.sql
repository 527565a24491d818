-- The same of booked grams times departures: who has how much of the room.
WITH share AS (
    SELECT owner, 100.0 * sum(room.value ->> '$.grams' * json_array_length(room.value, '$.departures'))
        / sum(sum(room.value ->> '$.grams' * json_array_length(room.value, '$.departures'))) OVER () AS percent
    FROM span JOIN owners USING (number) JOIN opened room ON room.number = span.number AND room.field = 'room'
    WHERE kind = 'shipping.booking' GROUP BY owner
)
SELECT sum(percent * percent) AS hhi FROM share
