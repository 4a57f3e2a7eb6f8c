-- The rolling twelve months to the last sale; 29 February has no namesake a year before.
SET VARIABLE sales = (SELECT {'first': min(sold_on), 'last': max(sold_on)} FROM purchase);
SET VARIABLE until = getvariable('sales').last + 1;
SET VARIABLE since = (
  SELECT CASE WHEN strftime(getvariable('until'), '%m-%d') = '02-29'
    THEN (getvariable('until') + 1 - INTERVAL 1 YEAR)::DATE
    ELSE (getvariable('until') - INTERVAL 1 YEAR)::DATE END
);
SET VARIABLE since_month = strftime(getvariable('since'), '%Y-%m');
SELECT getvariable('since') AS since, getvariable('until') AS until;
