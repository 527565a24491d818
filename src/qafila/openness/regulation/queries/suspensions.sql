-- Suspensions, how many of them came with reasons, and how many with notice.
SELECT count(*) AS suspensions, coalesce(sum(said ->> '$.reasons_given'), 0) AS with_reasons,
    coalesce(sum(coalesce(said ->> '$.notice_days', 0) > 0), 0) AS with_notice
FROM span WHERE kind = 'openness.suspension'
