"""Pictures of answers: what to draw, and how it becomes SVG text without a browser."""
