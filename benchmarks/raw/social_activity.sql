-- The panel of persons and months for what they bought, one row a day for what they liked.
WITH
buyer AS (
  SELECT
    person_id,
    sum(orders)::BIGINT AS orders,
    sum(orders_online)::BIGINT AS orders_online,
    sum(net)::DOUBLE AS net
  FROM person_month
  WHERE month >= getvariable('since_month')
  GROUP BY person_id
  HAVING sum(orders) > 0
),
active AS (
  SELECT person_id, sum(touches)::BIGINT AS touches
  FROM social
  WHERE day >= getvariable('since') AND day < getvariable('until')
  GROUP BY person_id
),
told AS (
  SELECT
    *,
    CASE
      WHEN coalesce(touches, 0) = 0 THEN 'inactive'
      WHEN touches = 1 THEN 'once'
      WHEN touches < 5 THEN 'several'
      ELSE 'often'
    END AS own
  FROM buyer LEFT JOIN active USING (person_id)
),
asked AS (
  SELECT unnest(['all', 'active', 'inactive', 'once', 'several', 'often']) AS level
),
counted AS (
  SELECT
    level,
    count(own) AS persons,
    coalesce(sum(touches), 0)::BIGINT AS touches,
    coalesce(sum(orders), 0)::BIGINT AS orders,
    coalesce(sum(net), 0) AS net,
    count(*) FILTER (orders_online > 0 AND orders_online < orders) AS two_channels,
    coalesce(sum(orders_online), 0)::BIGINT AS orders_online
  FROM asked
  LEFT JOIN told ON level = 'all' OR level = own OR (level = 'active' AND own <> 'inactive')
  GROUP BY level
),
whole AS (SELECT persons FROM counted WHERE level = 'all'),
usual AS (SELECT net / nullif(persons, 0) AS net FROM counted WHERE level = 'inactive')
SELECT
  level,
  counted.persons,
  counted.persons / nullif(whole.persons, 0) AS persons_share,
  wilson_low(counted.persons, whole.persons) AS low,
  wilson_high(counted.persons, whole.persons) AS high,
  touches,
  orders / nullif(counted.persons, 0) AS orders_per_person,
  counted.net / nullif(counted.persons, 0) AS revenue_per_person,
  counted.net / nullif(counted.persons, 0) / nullif(usual.net, 0) AS spend_ratio,
  two_channels / nullif(counted.persons, 0) AS both_share,
  orders_online / nullif(orders, 0) AS online_orders_share
FROM counted, whole, usual;
