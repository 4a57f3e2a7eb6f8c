"""The pages and the API: what a manager reads, in Italian and in English."""
