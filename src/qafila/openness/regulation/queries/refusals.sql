-- Orders without an offer, and offers that could not be booked, by reason as far as it is open.
SELECT reason, count(*) AS refusals FROM (
    SELECT coalesce(answer.value ->> '$.field', why.value ->> '$[0].field', 'erased') AS reason
    FROM span LEFT JOIN opened answer ON answer.number = span.number AND answer.field = 'answer'
        LEFT JOIN opened why ON why.number = span.number AND why.field = 'why'
    WHERE kind = 'shipping.refusal'
    UNION ALL
    SELECT 'not booked: ' || (said ->> '$.why') FROM span WHERE kind = 'shipping.not_booked'
) GROUP BY reason ORDER BY reason
