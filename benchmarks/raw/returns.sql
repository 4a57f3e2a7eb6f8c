-- Returns are few: they are dated by looking up only the sales that they name.
WITH
amount AS (
  SELECT
    channel AS bought_in,
    document_channel AS returned_in,
    sum(net - returned)::DOUBLE AS sold,
    -sum(returned)::DOUBLE AS returned,
    count(*) FILTER (returned < 0) AS receipts
  FROM purchase
  WHERE month >= getvariable('since_month') AND sold_on >= getvariable('since')
  GROUP BY ALL
),
named AS (
  SELECT DISTINCT source, sale_id, returns_sale_id
  FROM sale_line
  WHERE month >= getvariable('since_month')
    AND sold_on >= getvariable('since')
    AND quantity < 0
    AND returns_sale_id IS NOT NULL
),
back AS (
  SELECT
    p.source,
    p.sale_id,
    p.channel,
    p.document_channel,
    p.sold_on,
    n.returns_sale_id
  FROM purchase AS p
  JOIN named AS n USING (source, sale_id)
  WHERE p.month >= getvariable('since_month') AND p.sold_on >= getvariable('since') AND p.returned < 0
),
dated AS (
  SELECT
    b.channel AS bought_in,
    b.document_channel AS returned_in,
    b.sold_on - coalesce(max(o.sold_on) FILTER (o.source = b.source), max(o.sold_on)) AS days
  FROM back AS b
  JOIN purchase AS o ON o.sale_id = b.returns_sale_id AND o.channel = b.channel
  WHERE o.orders > 0
  GROUP BY b.source, b.sale_id, b.channel, b.document_channel, b.sold_on, b.returns_sale_id
),
waited AS (
  SELECT
    bought_in,
    returned_in,
    count(*) AS dated,
    list(days ORDER BY days) AS days
  FROM dated
  GROUP BY ALL
),
told AS (
  SELECT
    *,
    sum(sold) OVER (PARTITION BY bought_in) AS channel_sold,
    sum(returned) OVER () AS all_returned
  FROM amount
)
SELECT
  bought_in,
  returned_in,
  (bought_in IN ('web', 'app', 'marketplace', 'social'))
    <> (returned_in IN ('web', 'app', 'marketplace', 'social')) AS crosses,
  channel_sold AS sold,
  returned,
  returned / nullif(channel_sold, 0) AS rate,
  returned / nullif(all_returned, 0) AS returned_share,
  receipts,
  coalesce(dated, 0) AS dated,
  days[ceil(0.5 * dated)::BIGINT]::DOUBLE AS days_median,
  days[ceil(0.9 * dated)::BIGINT]::DOUBLE AS days_p90
FROM told
LEFT JOIN waited USING (bought_in, returned_in)
WHERE receipts > 0 OR bought_in = returned_in;
