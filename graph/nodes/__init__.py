"""Nodes that every workflow shares."""
