"""The offline model's review: reads the code it is shown, and knows nothing of how that code came to be."""
