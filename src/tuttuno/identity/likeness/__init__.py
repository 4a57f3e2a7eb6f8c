"""Records that share no identifier: found by name, date and place, weighed, tied or asked about."""
