"""The tracking plan: which events a retailer has agreed on, and what events break of it."""
