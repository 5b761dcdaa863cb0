"""Model calls in files: written while they are made, and answered from afterwards without a model or a network."""
