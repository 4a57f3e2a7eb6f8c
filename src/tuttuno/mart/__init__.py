"""From sale lines and records to the customer mart: purchase, person, person_month ..."""
