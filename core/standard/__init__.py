"""The contract that follows from a plan: operations, schemas, the whole OpenAPI document, and what a planner adds to it."""
