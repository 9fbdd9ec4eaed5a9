from dataclasses import dataclass

from lazaret import tool


@dataclass
class Count:
    words: int
    letters: int


@tool
def count(text: str) -> Count:
    """Counts the words and the letters of a text"""
    return Count(words=len(text.split()), letters=len(text))
