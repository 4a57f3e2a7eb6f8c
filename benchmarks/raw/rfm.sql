-- One row for each person and day, then one for each person and scope; fifths by rank.
WITH
day AS (
  SELECT
    person_id,
    sold_on,
    sum(orders) > 0 AS bought,
    coalesce(sum(orders) FILTER (online), 0) > 0 AS bought_online,
    coalesce(sum(orders) FILTER (NOT online), 0) > 0 AS bought_store,
    sum(net) AS net,
    sum(net) FILTER (online) AS net_online
  FROM purchase
  WHERE month >= getvariable('since_month')
    AND sold_on >= getvariable('since')
    AND person_id IS NOT NULL
  GROUP BY person_id, sold_on
),
person AS (
  SELECT
    max(sold_on) FILTER (bought) AS last_all,
    max(sold_on) FILTER (bought_online) AS last_online,
    max(sold_on) FILTER (bought_store) AS last_store,
    count(*) FILTER (bought) AS days_all,
    count(*) FILTER (bought_online) AS days_online,
    count(*) FILTER (bought_store) AS days_store,
    sum(net) AS net_all,
    coalesce(sum(net_online), 0) AS net_online
  FROM day
  GROUP BY person_id
),
buyer AS (
  SELECT
    unnest(['all', 'online', 'store']) AS scope,
    unnest([last_all, last_online, last_store]) AS last_on,
    unnest([days_all, days_online, days_store]) AS frequency,
    unnest([net_all, net_online, net_all - net_online]) AS net
  FROM person
),
valued AS (
  SELECT
    scope,
    getvariable('until') - last_on AS recency,
    frequency,
    net,
    net::DOUBLE / frequency AS monetary
  FROM buyer
  WHERE frequency > 0
),
scored AS (
  SELECT
    *,
    (rank() OVER (PARTITION BY scope ORDER BY recency DESC) - 1) * 5
      // count(*) OVER (PARTITION BY scope) + 1 AS r,
    (rank() OVER (PARTITION BY scope ORDER BY frequency) - 1) * 5
      // count(*) OVER (PARTITION BY scope) + 1 AS f,
    (rank() OVER (PARTITION BY scope ORDER BY monetary) - 1) * 5
      // count(*) OVER (PARTITION BY scope) + 1 AS m
  FROM valued
),
segment AS (
  SELECT
    scope,
    CASE
      WHEN r >= 4 AND f >= 4 THEN 'champions'
      WHEN r >= 3 AND f >= 3 THEN 'loyal'
      WHEN r >= 4 THEN 'new'
      WHEN r = 3 THEN 'promising'
      WHEN f >= 4 THEN 'at_risk'
      WHEN f = 3 THEN 'fading'
      ELSE 'asleep'
    END AS segment,
    count(*) AS persons,
    sum(net)::DOUBLE AS revenue,
    avg(recency) AS recency,
    avg(frequency) AS frequency,
    avg(monetary) AS monetary,
    avg(m) AS monetary_score
  FROM scored
  GROUP BY ALL
)
SELECT
  scope,
  segment,
  persons,
  persons / sum(persons) OVER each AS persons_share,
  revenue,
  revenue / sum(revenue) OVER each AS revenue_share,
  recency,
  frequency,
  monetary,
  monetary_score
FROM segment
WINDOW each AS (PARTITION BY scope);
