"""What tables are: columns, grain, units, meaning, personal or not."""
