-- Part of booked parcels of the operator's own sellers: tenants that the log registers as of the kind hub.
SELECT avg(coalesce(tenants.kind, '') = 'hub') AS share
FROM span JOIN owners USING (number) JOIN opened room ON room.number = span.number AND room.field = 'room'
    LEFT JOIN tenants ON tenants.tenant = owners.owner
WHERE span.kind = 'shipping.booking'
