-- Exclusive buyers are few: only they are joined with what is known of the person.
WITH
buyer AS MATERIALIZED (
  SELECT
    person_id,
    sum(orders)::BIGINT AS orders,
    sum(orders_store)::BIGINT AS orders_store,
    sum(net) AS net
  FROM person_month
  WHERE month >= getvariable('since_month')
  GROUP BY person_id
  HAVING sum(orders) > 0
),
everybody AS (SELECT count(*) AS persons, sum(net)::DOUBLE AS net FROM buyer),
near AS (
  SELECT DISTINCT province FROM store_site WHERE closed_on IS NULL AND province IS NOT NULL
),
own AS (
  SELECT
    year(p.first_online_on)::VARCHAR AS since,
    CASE WHEN p.first_store_on IS NULL THEN 'never_in_store' ELSE 'once_in_store' END AS past,
    CASE
      WHEN p.province IS NULL THEN NULL
      WHEN n.province IS NULL THEN 'not_in_province'
      ELSE 'in_province'
    END AS store_near,
    p.home_store_id AS home_store,
    b.net,
    b.orders
  FROM buyer AS b
  LEFT JOIN person AS p USING (person_id)
  LEFT JOIN near AS n ON p.province = n.province
  WHERE b.orders_store = 0 AND b.orders >= 2
),
parts AS (
  SELECT
    CASE grouping(since, past, store_near, home_store)
      WHEN 15 THEN 'all'
      WHEN 7 THEN 'since'
      WHEN 11 THEN 'past'
      WHEN 13 THEN 'store_near'
      ELSE 'home_store'
    END AS split,
    CASE split
      WHEN 'all' THEN 'all'
      WHEN 'since' THEN since
      WHEN 'past' THEN past
      WHEN 'store_near' THEN store_near
      ELSE home_store
    END AS part,
    count(*) AS persons,
    coalesce(sum(net), 0)::DOUBLE AS revenue,
    coalesce(sum(orders), 0)::BIGINT AS orders
  FROM own
  GROUP BY GROUPING SETS ((), (since), (past), (store_near), (home_store))
),
article AS (
  SELECT
    coalesce(sum(lines) FILTER (online), 0) AS online,
    coalesce(sum(lines) FILTER (NOT online), 0) AS store,
    sum(net) AS net
  FROM product_channel
  WHERE month >= getvariable('since_month')
  GROUP BY product_id
  HAVING sum(lines) > 0
),
sides AS (
  SELECT
    CASE WHEN store = 0 THEN 'online_only' WHEN online = 0 THEN 'store_only' ELSE 'both' END AS part,
    count(*) AS products,
    sum(net)::DOUBLE AS revenue
  FROM article
  GROUP BY part
)
SELECT
  split,
  part,
  p.persons,
  p.persons / e.persons AS persons_share,
  wilson_low(p.persons, e.persons) AS low,
  wilson_high(p.persons, e.persons) AS high,
  revenue,
  revenue / e.net AS revenue_share,
  orders,
  NULL AS products,
  NULL AS products_share
FROM parts AS p, everybody AS e
UNION ALL BY NAME
SELECT
  'products' AS split,
  part,
  revenue,
  revenue / sum(revenue) OVER () AS revenue_share,
  products,
  products / sum(products) OVER () AS products_share
FROM sides;
