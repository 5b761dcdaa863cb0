"""What agents may do with the outside, through ports only."""
