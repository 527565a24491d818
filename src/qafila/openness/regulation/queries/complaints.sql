-- Complaints filed in the span by topic: how many, answered, answered late, open past their day; mean days to the answer.
WITH filed AS (
    SELECT said ->> '$.complaint' AS complaint, said ->> '$.topic' AS topic, at, said ->> '$.answer_by' AS due
    FROM span WHERE kind = 'openness.complaint' AND said ->> '$.step' = 'filed'
), answered AS (
    SELECT said ->> '$.complaint' AS complaint, min(at) AS at FROM entries
    WHERE kind = 'openness.complaint' AND said ->> '$.step' IN ('answered', 'withdrawn') AND at < (SELECT until FROM asked) GROUP BY complaint
)
SELECT topic, count(*) AS filed, count(answered.at) AS answered, sum(coalesce(julianday(answered.at) > julianday(due), 0)) AS late,
    sum(answered.at IS NULL AND julianday(due) < (SELECT julianday(min(until, now)) FROM asked)) AS overdue, avg(julianday(answered.at) - julianday(filed.at)) AS days
FROM filed LEFT JOIN answered USING (complaint) GROUP BY topic ORDER BY topic
