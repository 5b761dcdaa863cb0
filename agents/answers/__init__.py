"""Reads what models answer: file blocks, edits questions and JSON, tolerant of what models really write, and never by a guess."""

from agents.answers.continuing import continued
from agents.answers.errors import AnswerError
from agents.answers.files import FilesAnswer, decode_files
from agents.answers.objects import decode_as, decode_json
from agents.answers.questions import Question

__all__ = ["AnswerError", "FilesAnswer", "Question", "continued", "decode_as", "decode_files", "decode_json"]
