"""Reads what models answer: file blocks, edits and JSON, tolerant of what models really write, and never by a guess."""

from agents.answers.continuing import continued
from agents.answers.errors import AnswerError
from agents.answers.files import FilesAnswer, decode_files
from agents.answers.objects import decode_as, decode_json

__all__ = ["AnswerError", "FilesAnswer", "continued", "decode_as", "decode_files", "decode_json"]
