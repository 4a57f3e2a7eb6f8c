-- Four quarters back from the end. Everything known of a person fits into the bits of one number:
-- three for each quarter (store, online, online and not collected), one for bought before it.
SET VARIABLE e0 = strftime(getvariable('until') - INTERVAL 12 MONTH, '%Y-%m');
SET VARIABLE e1 = strftime(getvariable('until') - INTERVAL 9 MONTH, '%Y-%m');
SET VARIABLE e2 = strftime(getvariable('until') - INTERVAL 6 MONTH, '%Y-%m');
SET VARIABLE e3 = strftime(getvariable('until') - INTERVAL 3 MONTH, '%Y-%m');
CREATE OR REPLACE MACRO state(bits, k) AS CASE
  WHEN (bits >> (3 * k)) & 3 = 3 THEN 'both'
  WHEN (bits >> (3 * k)) & 1 = 1 THEN 'store_only'
  WHEN (bits >> (3 * k)) & 6 = 2 THEN 'collected_only'
  WHEN (bits >> (3 * k)) & 2 = 2 THEN 'online_only'
  WHEN (bits >> (12 + k)) & 1 = 1 THEN 'lapsed'
  ELSE 'none'
END;
WITH
person AS (
  SELECT
    bit_or(
      CASE
        WHEN month < getvariable('e0') THEN 15 << 12
        WHEN month < getvariable('e1') THEN did | (14 << 12)
        WHEN month < getvariable('e2') THEN (did << 3) | (12 << 12)
        WHEN month < getvariable('e3') THEN (did << 6) | (8 << 12)
        ELSE did << 9
      END
    ) AS bits
  FROM (
    SELECT
      person_id,
      month,
      (orders_store > 0)::INT | ((orders_online > 0)::INT << 1)
        | ((orders_online > orders_collected)::INT << 2) AS did
    FROM person_month
    WHERE orders > 0
  )
  GROUP BY person_id
),
path AS (SELECT bits, count(*) AS persons FROM person GROUP BY bits),
move AS (
  SELECT state(bits, k) AS old, state(bits, k + 1) AS new, sum(persons) AS persons
  FROM path, range(3) AS step (k)
  WHERE NOT (old = 'none' AND new = 'none')
  GROUP BY old, new
),
total AS (
  SELECT
    *,
    sum(persons) OVER (PARTITION BY old) AS left_,
    sum(persons) OVER (PARTITION BY new) AS came,
    sum(persons) OVER () AS everybody
  FROM move
)
SELECT
  old AS "from",
  new AS "to",
  persons::BIGINT AS persons,
  persons / left_ AS probability,
  wilson_low(persons, left_) AS low,
  wilson_high(persons, left_) AS high,
  left_ * came / everybody AS expected,
  persons / (left_ * came / everybody) AS ratio
FROM total;
