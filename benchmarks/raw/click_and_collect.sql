-- Orders with a pick-up are few: everything after the first join is over them alone. Visits are
-- looked for only from shortly before the window on, because nothing was collected earlier.
SET VARIABLE now = getvariable('until')::TIMESTAMP;
SET VARIABLE visits = getvariable('since') - 10;
WITH
online AS (
  SELECT count(*) AS orders
  FROM purchase
  WHERE month >= getvariable('since_month')
    AND sold_on >= getvariable('since')
    AND channel IN ('web', 'app', 'marketplace', 'social')
    AND orders > 0
),
fetched AS MATERIALIZED (
  SELECT
    o.source,
    o.sale_id,
    o.person_id,
    o.sold_on = p.first_on AS is_new,
    k.* EXCLUDE (source, sale_id),
    coalesce(k.ready_at, k.collected_at) AS was_ready_at,
    epoch(date_trunc('second', getvariable('now'))) - epoch(date_trunc('second', k.placed_at))
      >= 14 * 86400 AS old
  FROM purchase AS o
  JOIN pickup AS k USING (source, sale_id)
  LEFT JOIN person AS p USING (person_id)
  WHERE o.month >= getvariable('since_month')
    AND o.sold_on >= getvariable('since')
    AND o.channel IN ('web', 'app', 'marketplace', 'social')
    AND o.orders > 0
),
counted AS (
  SELECT
    count(*) AS orders,
    count(DISTINCT person_id) AS buyers,
    count(*) FILTER (person_id IS NOT NULL) AS known,
    count(*) FILTER (is_new) AS new,
    count(*) FILTER (promised_at <= getvariable('now') OR (promised_at IS NOT NULL AND was_ready_at IS NOT NULL)) AS due,
    count(*) FILTER (was_ready_at <= promised_at) AS kept,
    count(*) FILTER (old) AS old,
    count(*) FILTER (old AND was_ready_at IS NOT NULL) AS old_ready,
    count(*) FILTER (old AND was_ready_at IS NOT NULL AND expired_at IS NOT NULL AND collected_at IS NULL) AS expired,
    count(*) FILTER (old AND cancelled_at IS NOT NULL) AS cancelled,
    count(*) FILTER (old AND cancelled_at IS NOT NULL AND cancelled_by = 'customer') AS by_customer,
    count(*) FILTER (old AND cancelled_at IS NOT NULL AND cancelled_by = 'retailer') AS by_retailer,
    count(*) FILTER (NOT old AND coalesce(collected_at, cancelled_at, expired_at) IS NULL) AS immature,
    count(*) FILTER (collected_at IS NOT NULL AND person_id IS NOT NULL) AS collections
  FROM fetched
),
waited AS (
  SELECT
    'ready' AS wait,
    placed_at AS since,
    coalesce(was_ready_at, cancelled_at, expired_at, getvariable('now')) AS until,
    CASE
      WHEN was_ready_at IS NOT NULL THEN 1
      WHEN coalesce(cancelled_at, expired_at) IS NOT NULL THEN 2
      ELSE 0
    END AS cause
  FROM fetched
  UNION ALL
  SELECT
    'ended',
    ready_at,
    coalesce(collected_at, cancelled_at, expired_at, getvariable('now')),
    CASE
      WHEN collected_at IS NOT NULL THEN 1
      WHEN cancelled_at IS NOT NULL THEN 2
      WHEN expired_at IS NOT NULL THEN 3
      ELSE 0
    END
  FROM fetched
  WHERE ready_at IS NOT NULL
),
minute AS (
  SELECT
    wait,
    greatest(date_diff('second', date_trunc('second', since), date_trunc('second', until)) // 60, 0) AS minutes,
    count(*)::DOUBLE AS gone,
    count(*) FILTER (cause <> 0) AS ended,
    count(*) FILTER (cause = 1) AS first,
    count(*) FILTER (cause = 2) AS second,
    count(*) FILTER (cause = 3) AS third
  FROM waited
  GROUP BY ALL
),
at_risk AS (
  SELECT
    *,
    sum(gone) OVER (
      PARTITION BY wait ORDER BY minutes ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS waiting
  FROM minute
),
survived AS (
  SELECT *, product(1 - ended / waiting) OVER (PARTITION BY wait ORDER BY minutes) AS still
  FROM at_risk
),
stepped AS (
  SELECT *, lag(still, 1, 1.0) OVER (PARTITION BY wait ORDER BY minutes) / waiting AS step
  FROM survived
),
curve AS (
  SELECT
    wait,
    minutes,
    ended,
    still,
    sum(step * first) OVER each AS first,
    sum(step * second) OVER each AS second,
    sum(step * third) OVER each AS third
  FROM stepped
  WINDOW each AS (PARTITION BY wait ORDER BY minutes)
),
reached AS (
  SELECT
    min(minutes) FILTER (wait = 'ready' AND ended > 0 AND first >= 0.5 - 1e-12) / 60 AS ready_hours,
    min(minutes) FILTER (wait = 'ready' AND ended > 0 AND first >= 0.9 - 1e-12) / 60 AS ready_hours_p90,
    min(minutes) FILTER (wait = 'ended' AND ended > 0 AND first >= 0.5 - 1e-12) / 60 AS dwell_hours
  FROM curve
),
seen AS (
  SELECT CASE WHEN min(still) <= 0 THEN 'infinity'::DOUBLE ELSE max(minutes) END AS minutes
  FROM curve
  WHERE wait = 'ended'
),
by_then AS (
  SELECT
    max(c.first) FILTER (c.minutes <= 24 * 60) AS collected_24h,
    max(c.first) FILTER (c.minutes <= 48 * 60) AS collected_48h,
    max(c.first) FILTER (c.minutes <= 72 * 60) AS collected_72h,
    max(c.first) FILTER (c.minutes <= 168 * 60) AS collected_168h,
    max(c.second) FILTER (c.minutes <= 168 * 60) AS cancelled_168h,
    max(c.third) FILTER (c.minutes <= 168 * 60) AS expired_168h
  FROM curve AS c
  WHERE c.wait = 'ended'
),
visit AS (
  SELECT
    f.source,
    f.sale_id,
    bool_or(v.sold_at BETWEEN date_trunc('second', f.collected_at) - INTERVAL 15 MINUTE
      AND date_trunc('second', f.collected_at) + INTERVAL 2 HOUR) AS attached,
    bool_or(v.sold_at BETWEEN date_trunc('second', f.collected_at) - INTERVAL '7 days 15 minutes'
      AND date_trunc('second', f.collected_at) - INTERVAL '6 days 22 hours') AS anyway
  FROM fetched AS f
  JOIN (
    SELECT person_id, store_id, date_trunc('second', sold_at) AS sold_at
    FROM purchase
    WHERE month >= strftime(getvariable('visits'), '%Y-%m')
      AND sold_on >= getvariable('visits')
      AND NOT online
      AND orders > 0
      AND person_id IS NOT NULL
  ) AS v USING (person_id, store_id)
  WHERE f.collected_at IS NOT NULL
    AND v.sold_at BETWEEN f.collected_at - INTERVAL 8 DAY AND f.collected_at + INTERVAL 3 HOUR
  GROUP BY f.source, f.sale_id
),
attached AS (
  SELECT
    count(*) FILTER (attached) AS attached,
    count(*) FILTER (anyway) AS anyway,
    count(*) FILTER (attached AND NOT anyway) AS only_attached,
    count(*) FILTER (anyway AND NOT attached) AS only_anyway
  FROM visit
),
paired AS (
  SELECT
    (only_attached + 1) / (collections + 2) AS p,
    (only_anyway + 1) / (collections + 2) AS q,
    1.959963984540054 * sqrt((p + q - (p - q) ** 2) / (collections + 2)) AS half
  FROM attached, counted
)
SELECT
  c.orders,
  o.orders AS online_orders,
  c.orders / nullif(o.orders, 0) AS adoption,
  wilson_low(c.orders, o.orders) AS adoption_low,
  wilson_high(c.orders, o.orders) AS adoption_high,
  c.buyers,
  c.new / nullif(c.known, 0) AS new_buyers,
  r.ready_hours,
  r.ready_hours_p90,
  c.kept / nullif(c.due, 0) AS promise_kept,
  wilson_low(c.kept, c.due) AS promise_low,
  wilson_high(c.kept, c.due) AS promise_high,
  r.dwell_hours,
  CASE WHEN s.minutes >= 24 * 60 THEN coalesce(b.collected_24h, 0) END AS collected_24h,
  CASE WHEN s.minutes >= 48 * 60 THEN coalesce(b.collected_48h, 0) END AS collected_48h,
  CASE WHEN s.minutes >= 72 * 60 THEN coalesce(b.collected_72h, 0) END AS collected_72h,
  CASE WHEN s.minutes >= 168 * 60 THEN coalesce(b.collected_168h, 0) END AS collected_168h,
  CASE WHEN s.minutes >= 168 * 60 THEN coalesce(b.cancelled_168h, 0) END AS cancelled_168h,
  CASE WHEN s.minutes >= 168 * 60 THEN coalesce(b.expired_168h, 0) END AS expired_168h,
  c.cancelled / nullif(c.old, 0) AS cancelled,
  c.by_customer / nullif(c.old, 0) AS cancelled_by_customer,
  c.by_retailer / nullif(c.old, 0) AS cancelled_by_retailer,
  c.expired / nullif(c.old_ready, 0) AS no_show,
  a.attached / nullif(c.collections, 0) AS attached,
  a.anyway / nullif(c.collections, 0) AS attached_anyway,
  (a.attached - a.anyway) / nullif(c.collections, 0) AS attached_extra,
  CASE WHEN c.collections > 0 THEN greatest(-1.0, p.p - p.q - p.half) END AS extra_low,
  CASE WHEN c.collections > 0 THEN least(1.0, p.p - p.q + p.half) END AS extra_high,
  c.immature
FROM counted AS c, online AS o, reached AS r, seen AS s, by_then AS b, attached AS a, paired AS p;
