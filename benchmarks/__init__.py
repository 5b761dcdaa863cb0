"""What the project promises in figures, measured by `make bench`: ratios on the same work in one run, medians."""
