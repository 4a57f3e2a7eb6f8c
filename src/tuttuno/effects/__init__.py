"""Did it cause it? Arrays and sufficient statistics in, frozen results with their doubt out."""
