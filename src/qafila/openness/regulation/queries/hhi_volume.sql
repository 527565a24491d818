-- Herfindahl-Hirschman index of booked parcels over merchants, 0 to 10,000. Cancelled bookings count as booked.
WITH share AS (
    SELECT owner, 100.0 * count(*) / sum(count(*)) OVER () AS percent
    FROM span JOIN owners USING (number) JOIN opened room ON room.number = span.number AND room.field = 'room'
    WHERE kind = 'shipping.booking' GROUP BY owner
)
SELECT sum(percent * percent) AS hhi FROM share
