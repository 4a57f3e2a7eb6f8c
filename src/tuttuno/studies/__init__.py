"""Effects of the trade as studies: who takes part, when she was treated, what came of it."""
