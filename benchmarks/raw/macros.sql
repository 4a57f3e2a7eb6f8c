-- What several scripts need: both ends of the Wilson interval of a share.
CREATE OR REPLACE MACRO wilson_low(hits, n) AS CASE
  WHEN n = 0 THEN NULL
  WHEN hits = 0 THEN 0.0
  ELSE (hits + 1.959963984540054 ** 2 / 2 - 1.959963984540054
    * sqrt(hits * (n - hits)::DOUBLE / n + 1.959963984540054 ** 2 / 4)) / (n + 1.959963984540054 ** 2)
END;
CREATE OR REPLACE MACRO wilson_high(hits, n) AS CASE
  WHEN n = 0 THEN NULL
  WHEN hits = n THEN 1.0
  ELSE (hits + 1.959963984540054 ** 2 / 2 + 1.959963984540054
    * sqrt(hits * (n - hits)::DOUBLE / n + 1.959963984540054 ** 2 / 4)) / (n + 1.959963984540054 ** 2)
END;
