-- Buyers of whole months with their ages; both ways of dividing them come from the same few sums.
WITH
buyer AS (
  SELECT
    person_id,
    sum(orders)::BIGINT AS orders,
    sum(orders_online)::BIGINT AS orders_online,
    sum(net) AS net
  FROM person_month
  WHERE month >= getvariable('since_month')
  GROUP BY person_id
  HAVING sum(orders) > 0
),
counted AS (
  SELECT
    p.generation,
    p.age_band,
    CASE
      WHEN b.orders_online = 0 THEN 'store_only'
      WHEN b.orders_online = b.orders THEN 'online_only'
      ELSE 'both'
    END AS class,
    count(*) AS persons,
    sum(b.net)::DOUBLE AS revenue,
    sum(b.orders)::BIGINT AS orders
  FROM buyer AS b
  LEFT JOIN person AS p USING (person_id)
  GROUP BY ALL
),
parts AS (
  SELECT 'generation' AS split, generation AS part, * EXCLUDE (generation, age_band) FROM counted
  UNION ALL
  SELECT 'age_band', age_band, * EXCLUDE (generation, age_band) FROM counted
),
added AS (
  SELECT
    split,
    part,
    class,
    sum(persons)::BIGINT AS persons,
    sum(revenue) AS revenue,
    sum(orders)::BIGINT AS orders
  FROM parts
  GROUP BY ALL
)
SELECT
  split,
  part,
  class,
  persons,
  persons / sum(persons) OVER each AS persons_share,
  wilson_low(persons, sum(persons) OVER each) AS low,
  wilson_high(persons, sum(persons) OVER each) AS high,
  revenue,
  orders
FROM added
WINDOW each AS (PARTITION BY split, part);
