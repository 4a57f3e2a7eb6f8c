"""How customers who owe nobody a visit go on buying: models of repeat purchase and its value."""
