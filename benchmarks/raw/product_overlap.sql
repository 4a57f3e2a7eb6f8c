-- What each buyer bought of each product is summed once; brands and categories are numbers, and
-- roll up from it. The null model needs only how many things have how many lines, by buyer.
CREATE OR REPLACE MACRO log_choose(n, k) AS CASE
  WHEN k BETWEEN 0 AND n THEN lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
  ELSE '-infinity'::DOUBLE
END;
CREATE OR REPLACE MACRO one_side(n, k, m) AS
  exp(log_choose(n - m, k) - log_choose(n, k)) + exp(log_choose(n - m, k - m) - log_choose(n, k));
CREATE OR REPLACE MACRO covariance(n, k, m, o) AS
  1 - one_side(n, k, m) - one_side(n, k, o)
  + exp(log_choose(n - m - o, k - m - o) - log_choose(n, k))
  + exp(log_choose(n - m - o, k - m) - log_choose(n, k))
  + exp(log_choose(n - m - o, k - o) - log_choose(n, k))
  + exp(log_choose(n - m - o, k) - log_choose(n, k))
  - (1 - one_side(n, k, m)) * (1 - one_side(n, k, o));
CREATE OR REPLACE TEMP TABLE article AS
SELECT
  product_id,
  CASE WHEN brand IS NOT NULL THEN dense_rank() OVER (ORDER BY brand) END AS brand,
  CASE WHEN category IS NOT NULL THEN dense_rank() OVER (ORDER BY category) END AS category,
  coalesce(listed_online_since < getvariable('until'), true)
    AND coalesce(listed_in_store_since < getvariable('until'), true) AS listed
FROM product;
CREATE OR REPLACE TEMP TABLE item AS
SELECT
  s.*,
  a.brand,
  a.category,
  CASE WHEN coalesce(a.listed, true) THEN s.online ELSE 0 END AS fair_online,
  CASE WHEN coalesce(a.listed, true) THEN s.store ELSE 0 END AS fair_store
FROM (
  SELECT
    person_id,
    product_id,
    coalesce(sum(lines) FILTER (online), 0)::INT AS online,
    coalesce(sum(lines) FILTER (NOT online), 0)::INT AS store,
    coalesce(sum(net) FILTER (online), 0)::DECIMAL(18, 2) AS net_online,
    coalesce(sum(net) FILTER (NOT online), 0)::DECIMAL(18, 2) AS net_store,
    min(first_on) FILTER (online AND lines > 0) AS first_online,
    min(first_on) FILTER (NOT online AND lines > 0) AS first_store
  FROM product_channel
  WHERE month >= getvariable('since_month')
  GROUP BY person_id, product_id
  HAVING sum(lines) > 0
) AS s
LEFT JOIN article AS a USING (product_id);
CREATE OR REPLACE TEMP TABLE person_level AS
SELECT
  'product' AS level,
  person_id,
  online AS lines_online,
  store AS lines_store,
  fair_online,
  fair_store,
  net_online + net_store AS net,
  first_online,
  first_store
FROM item
WHERE person_id IS NOT NULL
UNION ALL
SELECT
  'brand',
  person_id,
  sum(online),
  sum(store),
  sum(fair_online),
  sum(fair_store),
  sum(net_online + net_store),
  min(first_online),
  min(first_store)
FROM item
WHERE person_id IS NOT NULL AND brand IS NOT NULL
GROUP BY person_id, brand
UNION ALL
SELECT
  'category',
  person_id,
  sum(online),
  sum(store),
  sum(fair_online),
  sum(fair_store),
  sum(net_online + net_store),
  min(first_online),
  min(first_store)
FROM item
WHERE person_id IS NOT NULL AND category IS NOT NULL
GROUP BY person_id, category;
WITH
product_sold AS MATERIALIZED (
  SELECT
    product_id,
    any_value(brand) AS brand,
    any_value(category) AS category,
    sum(online)::BIGINT AS online,
    sum(store)::BIGINT AS store,
    sum(net_online)::DOUBLE AS net_online,
    sum(net_store)::DOUBLE AS net_store,
    sum(fair_online + fair_store)::BIGINT AS fair
  FROM item
  GROUP BY product_id
),
sold AS (
  SELECT 'product' AS level, online, store, net_online, net_store, fair FROM product_sold
  UNION ALL
  SELECT 'brand', sum(online), sum(store), sum(net_online), sum(net_store), sum(fair)
  FROM product_sold
  WHERE brand IS NOT NULL
  GROUP BY brand
  UNION ALL
  SELECT 'category', sum(online), sum(store), sum(net_online), sum(net_store), sum(fair)
  FROM product_sold
  WHERE category IS NOT NULL
  GROUP BY category
),
shares AS (
  SELECT
    *,
    greatest(net_online, 0) / nullif(sum(greatest(net_online, 0)) OVER each, 0) AS p,
    greatest(net_store, 0) / nullif(sum(greatest(net_store, 0)) OVER each, 0) AS q
  FROM sold
  WINDOW each AS (PARTITION BY level)
),
assortment AS (
  SELECT
    level,
    count(*) FILTER (online > 0 AND store > 0) AS in_both,
    count(*) FILTER (online > 0 AND store = 0) AS online_only,
    count(*) FILTER (store > 0 AND online = 0) AS store_only,
    count(*) FILTER (online > 0 AND store > 0 AND fair > 0) AS fair_both,
    count(*) FILTER (fair > 0) AS fair_all,
    sum(least(p, q)) / nullif(sum(greatest(p, q)), 0) AS jaccard_weighted
  FROM shares
  GROUP BY level
),
bought AS (
  SELECT
    level,
    count(first_online) AS things_online,
    count(first_store) AS things_store,
    count(*) FILTER (first_store < first_online) AS after_store,
    count(*) FILTER (first_online < first_store) AS after_online
  FROM person_level
  GROUP BY level
),
person AS MATERIALIZED (
  SELECT
    level,
    person_id,
    sum(fair_online + fair_store)::INT AS n,
    sum(fair_online)::INT AS nw,
    count(*) FILTER (fair_online + fair_store > 0) AS owned,
    count(*) FILTER (fair_online > 0 AND fair_store > 0) AS shared,
    greatest(sum(net)::DOUBLE, 0) AS spent
  FROM person_level
  GROUP BY level, person_id
  HAVING sum(fair_online) > 0 AND sum(fair_store) > 0
),
similar_ AS (
  SELECT
    level,
    count(*) AS persons,
    sum(shared)::BIGINT AS shared,
    sum(shared / owned) / count(*) AS jaccard_customer,
    sum(shared / owned * spent) / nullif(sum(spent), 0) AS jaccard_customer_weighted
  FROM person
  GROUP BY level
),
cell AS MATERIALIZED (
  SELECT
    t.level,
    t.person_id,
    p.n,
    p.nw,
    (t.fair_online + t.fair_store)::INT AS m,
    count(*) AS things
  FROM person_level AS t
  JOIN person AS p USING (level, person_id)
  WHERE t.fair_online + t.fair_store > 1
  GROUP BY ALL
),
single AS (
  SELECT
    level,
    n,
    nw,
    m,
    sum(things)::DOUBLE AS things,
    sum(things * (things - 1))::DOUBLE AS ordered_pairs
  FROM cell
  GROUP BY ALL
),
pair AS (
  SELECT a.level, a.n, a.nw, a.m, b.m AS o, sum(a.things * b.things)::DOUBLE AS pairs
  FROM cell AS a
  JOIN cell AS b ON a.level = b.level AND a.person_id = b.person_id AND a.m < b.m
  GROUP BY ALL
),
moment AS (
  SELECT
    level,
    things * (1 - one_side(n, nw, m)) AS expected,
    things * (1 - one_side(n, nw, m)) * one_side(n, nw, m)
      + CASE WHEN ordered_pairs > 0 THEN ordered_pairs * covariance(n, nw, m, m) ELSE 0 END AS variance
  FROM single
  UNION ALL
  SELECT level, 0, 2 * pairs * covariance(n, nw, m, o) FROM pair
),
chance AS (
  SELECT level, sum(expected) AS expected, sqrt(greatest(sum(variance), 0)) AS spread
  FROM moment
  GROUP BY level
)
SELECT
  level,
  a.in_both,
  a.online_only,
  a.store_only,
  a.in_both / nullif(a.in_both + a.online_only + a.store_only, 0) AS jaccard,
  a.fair_both / nullif(a.fair_all, 0) AS jaccard_listed,
  a.in_both / nullif(a.in_both + least(a.online_only, a.store_only), 0) AS overlap,
  a.jaccard_weighted,
  coalesce(s.persons, 0) AS persons,
  s.jaccard_customer,
  s.jaccard_customer_weighted,
  coalesce(s.shared, 0) AS bought_in_both,
  coalesce(c.expected, 0) AS expected,
  s.shared / nullif(c.expected, 0) AS ratio_to_chance,
  greatest(s.shared - 1.959963984540054 * c.spread, 0) / nullif(c.expected, 0) AS low,
  (s.shared + 1.959963984540054 * c.spread) / nullif(c.expected, 0) AS high,
  (s.shared - c.expected) / nullif(c.spread, 0) AS z,
  b.after_store / nullif(b.things_online, 0) AS after_store,
  b.after_online / nullif(b.things_store, 0) AS after_online
FROM assortment AS a
LEFT JOIN bought AS b USING (level)
LEFT JOIN similar_ AS s USING (level)
LEFT JOIN chance AS c USING (level);
