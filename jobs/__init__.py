"""What the workers are told to do."""
