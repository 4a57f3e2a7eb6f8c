"""What happened, as Delta tables in a folder: read at a version, append once, replace, delete."""
