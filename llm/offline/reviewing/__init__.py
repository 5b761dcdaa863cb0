"""What the offline reviewer says about code that it is shown: `review(plan, contract, files, evidence, minimum_score)`.

`review(plan: Plan | None, contract: JsonObject | None, files: Mapping[str, str], evidence: str, minimum_score: float)
-> JsonObject` is the answer of code_reviewer's step `review`: `{"scores", "summary", "findings"}`. It reads the code itself.
"""
