-- The person table knows the first purchase ever; the panel is read from the window's first month on.
WITH
cell AS (
  SELECT
    strftime(p.first_on, '%Y-%m') AS cohort,
    m.month,
    count(*) FILTER (m.orders > 0) AS active,
    sum(m.net) AS net
  FROM person_month AS m
  JOIN person AS p USING (person_id)
  WHERE m.month >= getvariable('since_month') AND p.first_on >= getvariable('since')
  GROUP BY ALL
),
came AS (SELECT cohort, active AS persons FROM cell WHERE month = cohort),
grid AS (
  SELECT c.cohort, c.persons, strftime(g.first_day, '%Y-%m') AS month
  FROM came AS c, generate_series(
    (c.cohort || '-01')::DATE, getvariable('until') - INTERVAL 1 MONTH, INTERVAL 1 MONTH
  ) AS g (first_day)
)
SELECT
  cohort,
  row_number() OVER each - 1 AS age,
  persons,
  coalesce(active, 0) AS active,
  coalesce(active, 0) / persons AS retention,
  wilson_low(coalesce(active, 0), persons) AS low,
  wilson_high(coalesce(active, 0), persons) AS high,
  coalesce(net, 0)::DOUBLE AS net,
  sum(coalesce(net, 0)) OVER each::DOUBLE AS net_cumulative,
  sum(coalesce(net, 0)) OVER each::DOUBLE / persons AS net_per_person
FROM grid
LEFT JOIN cell USING (cohort, month)
WINDOW each AS (PARTITION BY cohort ORDER BY month ROWS UNBOUNDED PRECEDING);
