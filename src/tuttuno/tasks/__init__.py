"""One verb of the user per file; ports come in by keyword, frozen receipts go out."""
