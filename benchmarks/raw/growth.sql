-- The window is twelve months, so the window before it is that of a year before: one scan of both.
SET VARIABLE before = (getvariable('since') - INTERVAL 12 MONTH)::DATE;
WITH
sold AS (
  SELECT
    coalesce(channel, 'all') AS channel,
    coalesce(sum(net) FILTER (sold_on >= getvariable('since')), 0)::DOUBLE AS revenue,
    coalesce(sum(orders) FILTER (sold_on >= getvariable('since')), 0)::BIGINT AS orders,
    coalesce(sum(net) FILTER (sold_on < getvariable('since')), 0)::DOUBLE AS revenue_then,
    coalesce(sum(orders) FILTER (sold_on < getvariable('since')), 0)::BIGINT AS orders_then
  FROM purchase
  WHERE month >= strftime(getvariable('before'), '%Y-%m') AND sold_on >= getvariable('before')
  GROUP BY ROLLUP (channel)
),
known AS (
  SELECT
    channel,
    revenue,
    orders,
    CASE WHEN getvariable('before') + 7 >= getvariable('sales').first THEN revenue_then END AS revenue_then,
    CASE WHEN getvariable('before') + 7 >= getvariable('sales').first THEN orders_then END AS orders_then
  FROM sold
)
SELECT
  channel,
  revenue,
  revenue_then AS revenue_before,
  CASE WHEN revenue_then > 0 THEN (revenue - revenue_then) / revenue_then END AS revenue_growth_before,
  revenue_then AS revenue_year,
  CASE WHEN revenue_then > 0 THEN (revenue - revenue_then) / revenue_then END AS revenue_growth_year,
  orders,
  orders_then AS orders_before,
  CASE WHEN orders_then > 0 THEN (orders - orders_then) / orders_then END AS orders_growth_before,
  orders_then AS orders_year,
  CASE WHEN orders_then > 0 THEN (orders - orders_then) / orders_then END AS orders_growth_year
FROM known;
