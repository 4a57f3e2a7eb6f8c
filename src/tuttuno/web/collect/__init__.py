"""The live door for events: what the clients of Segment and RudderStack speak to."""
