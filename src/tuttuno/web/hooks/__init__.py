"""The live door for webhooks: what shops send the moment that something happens."""
