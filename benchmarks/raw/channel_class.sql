-- A year of whole months, so the panel of persons and months is the smallest table that can tell.
WITH
buyer AS (
  SELECT
    sum(orders)::BIGINT AS orders,
    sum(orders_online)::BIGINT AS orders_online,
    sum(net) AS net,
    sum(net_online) AS net_online
  FROM person_month
  WHERE month >= getvariable('since_month')
  GROUP BY person_id
  HAVING sum(orders) > 0
),
told AS (
  SELECT
    *,
    CASE
      WHEN orders_online = 0 THEN 'store_only'
      WHEN orders_online = orders THEN 'online_only'
      ELSE 'both'
    END AS class,
    CASE
      WHEN orders < 2 THEN 'undetermined'
      WHEN class <> 'both' THEN class
      WHEN net <= 0 THEN 'undetermined'
      WHEN net - net_online <= 0.05 * net THEN 'online_led'
      WHEN net_online <= 0.05 * net THEN 'store_led'
      ELSE 'balanced'
    END AS band
  FROM buyer
),
counted AS (
  SELECT
    class,
    band,
    count(*) AS persons,
    sum(net)::DOUBLE AS revenue,
    sum(orders)::BIGINT AS orders,
    sum(net_online)::DOUBLE AS revenue_online,
    sum(orders_online)::BIGINT AS orders_online,
    count(*) FILTER (orders = 1) AS one_order_persons
  FROM told
  GROUP BY class, band
)
SELECT
  class,
  band,
  persons,
  persons / sum(persons) OVER () AS persons_share,
  wilson_low(persons, sum(persons) OVER ()) AS low,
  wilson_high(persons, sum(persons) OVER ()) AS high,
  revenue,
  revenue / sum(revenue) OVER () AS revenue_share,
  orders,
  orders / sum(orders) OVER () AS orders_share,
  revenue_online,
  orders_online,
  one_order_persons
FROM counted
ORDER BY class, band;
