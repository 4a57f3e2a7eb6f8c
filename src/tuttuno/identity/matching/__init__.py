"""Which records are probably one person: likeness weighed without labels, joined under guard."""
