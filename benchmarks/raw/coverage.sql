-- What stands above every answer: how much of the window has a known buyer, in how many currencies.
SELECT
  (sum(orders) FILTER (person_id IS NOT NULL))::DOUBLE / sum(orders) AS identified_sales,
  (sum(net) FILTER (person_id IS NOT NULL))::DOUBLE / sum(net)::DOUBLE AS identified_revenue,
  sum(orders)::BIGINT AS sales,
  sum(net)::DOUBLE AS revenue,
  min(currency) <> max(currency) AS several_currencies
FROM purchase
WHERE month >= getvariable('since_month') AND sold_on >= getvariable('since');
