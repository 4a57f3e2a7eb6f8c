-- One row for each person and channel first, so that the sums of persons run over few rows.
WITH
used AS MATERIALIZED (
  SELECT
    person_id,
    channel,
    any_value(online) AS online,
    sum(orders)::BIGINT AS orders,
    sum(net) AS net,
    sum(quantity) AS units
  FROM purchase
  WHERE month >= getvariable('since_month') AND sold_on >= getvariable('since')
  GROUP BY person_id, channel
),
person AS MATERIALIZED (
  SELECT
    sum(orders)::BIGINT AS orders,
    sum(orders) FILTER (online) AS orders_online,
    sum(net) AS net,
    sum(net) FILTER (online) AS net_online,
    sum(units) AS units,
    sum(orders * orders)::DOUBLE / nullif(sum(orders) ** 2, 0) AS concentration
  FROM used
  WHERE person_id IS NOT NULL
  GROUP BY person_id
),
by_channel AS (
  SELECT
    channel,
    any_value(online) AS online,
    count(*) FILTER (person_id IS NOT NULL AND orders > 0) AS persons,
    sum(net)::DOUBLE AS revenue,
    sum(orders)::BIGINT AS orders,
    sum(units)::DOUBLE AS units
  FROM used
  GROUP BY channel
),
banded AS (
  SELECT
    CASE
      WHEN net <= 0 THEN 'unknown'
      WHEN coalesce(orders_online, 0) = 0 THEN '0%'
      WHEN orders_online = orders THEN '100%'
      WHEN net_online <= 0.05 * net THEN '0-5%'
      WHEN net_online <= 0.2 * net THEN '5-20%'
      WHEN net_online <= 0.5 * net THEN '20-50%'
      WHEN net_online <= 0.8 * net THEN '50-80%'
      WHEN net_online <= 0.95 * net THEN '80-95%'
      ELSE '95-100%'
    END AS part,
    count(*) FILTER (orders > 0) AS persons,
    count(*) FILTER (orders_online > 0) AS persons_online,
    count(*) FILTER (orders > coalesce(orders_online, 0)) AS persons_store,
    sum(net)::DOUBLE AS revenue,
    sum(orders)::BIGINT AS orders,
    sum(units)::DOUBLE AS units,
    sum(concentration) FILTER (orders > 0) AS concentration,
    sum(1 / concentration) FILTER (orders > 0) AS channels
  FROM person
  GROUP BY part
),
known AS (
  SELECT
    sum(persons) AS persons,
    sum(persons_online) AS persons_online,
    sum(persons_store) AS persons_store,
    sum(revenue) AS revenue,
    sum(orders) AS orders,
    sum(units) AS units,
    sum(concentration) / sum(persons) AS concentration,
    sum(channels) / sum(persons) AS channels
  FROM banded
),
everything AS (
  SELECT sum(revenue) AS revenue, sum(orders) AS orders, sum(units) AS units FROM by_channel
),
parts AS (
  SELECT 'all' AS split, 'all' AS part, persons, e.revenue, e.orders, e.units, concentration, channels
  FROM known, everything AS e
  UNION ALL BY NAME
  SELECT
    'side' AS split,
    CASE WHEN online THEN 'online' ELSE 'store' END AS part,
    CASE WHEN online THEN any_value(k.persons_online) ELSE any_value(k.persons_store) END AS persons,
    sum(c.revenue) AS revenue,
    sum(c.orders) AS orders,
    sum(c.units) AS units
  FROM by_channel AS c, known AS k
  GROUP BY online
  UNION ALL BY NAME
  SELECT 'channel' AS split, channel AS part, persons, revenue, orders, units FROM by_channel
)
SELECT
  p.split,
  p.part,
  p.persons,
  p.persons / k.persons AS persons_share,
  p.revenue,
  p.revenue / e.revenue AS revenue_share,
  p.orders,
  p.orders / e.orders AS orders_share,
  p.units,
  p.units / e.units AS units_share,
  p.concentration,
  p.channels
FROM parts AS p, everything AS e, known AS k
UNION ALL
SELECT
  'online_share',
  part,
  b.persons,
  b.persons / k.persons,
  b.revenue,
  b.revenue / k.revenue,
  b.orders,
  b.orders / k.orders,
  b.units,
  b.units / k.units,
  b.concentration / b.persons,
  b.channels / b.persons
FROM banded AS b, known AS k
WHERE b.persons > 0;
