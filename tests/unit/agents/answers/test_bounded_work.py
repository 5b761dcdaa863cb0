"""Reading takes work in proportion to the text, whatever somebody writes."""

import time

import pytest

from tests.unit.agents.answers.outcomes import try_everything

REPEATED = {
    "fences": "```\n",
    "named fences": "````python path=a.py\n",
    "fences with a language": "```sh\nx\n",
    "both kinds of fences": "~~~\n```\n",
    "labels": "**a/b.py**\n```python\nx\n",
    "headings": "## a.py\nwords\n\n```python\nx\n```\n",
    "comments with paths": "```python\n# a/b.py\nx\n```\n",
    "fences around paths": "```python\na/b.py\n```\n",
    "fences in markdown": "```md path=a.md\n```\n```\nx\n```\n",
    "fences behind code": "```python path=a.py\nx```\n",
    "braces": "{",
    "lists": "[{",
    "members": '{"a":',
    "quotes": '"',
    "quotes inside": '{"a": "b" c" ',
    "single quotes": "{'a': 'b' c' ",
    "comments in JSON": "{/*",
    "escapes": '{"\\',
    "words": "{a:b,",
    "objects": '{"a": 1} ',
    "broken objects": '{"a": 1 2} ',
    "thinking": "<think>",
    "ends of thinking": "</think>\n",
    "tags": '<file path="a.py">\n',
    "closed tags": '<file path="a.py">\nx\n</file>\n',
    "markers": "<<<<<<< SEARCH\n",
    "dividers": "<<<<<<< SEARCH\n=======\n",
    "pairs": "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n",
    "edit blocks": "````edit path=a.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n````\n",
    "line numbers": "1| a\n",
    "elisions": "# ... existing code ...\n",
    "diffs": "```diff\n--- a\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n```\n",
    "questions": "````ask agent=planner\nx\n````\n",
    "open questions": "````ask agent=planner\nx\n",
    "tagged questions": "<ask agent=planner>x</ask>\n",
    "open tags of questions": "<ask agent=planner>x\n",
    "questions in quoted blocks": '<block name="a" kind="untrusted">\n```ask a\n```\n</block>\n<ask agent=b>x</ask>\n',
    "tokens of templates": "<|im_end|>x",
}
SMALL, GROWTH, MOST_GROWTH = 8_000, 8, 20
LEAST_CPU_S = 0.002


def cpu_s(text: str) -> float:
    began = time.process_time()
    try_everything(text)
    return time.process_time() - began


@pytest.mark.parametrize("name", REPEATED)
def test_work_grows_with_the_text_and_not_with_its_square(name: str) -> None:
    """Eight times the text takes about eight times the CPU; a square would take 64 times."""
    unit = REPEATED[name]
    small, large = unit * (SMALL // len(unit)), unit * (GROWTH * SMALL // len(unit))
    growths = []
    for _ in range(3):
        growths.append(cpu_s(large) / max(cpu_s(small), LEAST_CPU_S))
        if growths[-1] < MOST_GROWTH:
            return
    pytest.fail(f"the CPU grew by {min(growths):.0f} times")


@pytest.mark.parametrize("name", ["named fences", "braces", "quotes"])
def test_a_megabyte_is_read_or_refused(name: str) -> None:
    try_everything(REPEATED[name] * (1_000_000 // len(REPEATED[name])))
