"""Text files in which line ends mean nothing, word by word; what is wrong is said with its line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError, one_line

NUMBER = re.compile(r"[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
SURE = 15           # significant digits that float64 always keeps


class Words:
    """A cursor over the words of a text, as a pattern cuts them.

    ahead: the next word, "" at the end. Numbers that float64 does not hold are counted, and told by
    `tell_rounded`.
    """

    def __init__(self, path: Path, text: str, pattern: re.Pattern[str]):
        self.path, self._text = path, text
        self._matches = pattern.finditer(text)
        self._at = self._next_at = 0
        self._rounded, self._such_as = 0, ""
        self.ahead = ""
        self._advance()

    def _advance(self) -> None:
        found = next(self._matches, None)
        self.ahead = "" if found is None else found.group()
        if found is not None:
            self._next_at = found.start()

    def take(self) -> str:
        """The next word, which is then behind."""
        word, self._at = self.ahead, self._next_at
        self._advance()
        return word

    def error(self, why: str) -> InputError:
        """An error that begins with the file and the line of the word that was taken last."""
        return InputError(f"{self.path}, line {self._text.count(chr(10), 0, self._at) + 1}: {why}")

    def expect(self, word: str, what: str) -> None:
        """Take this word; `what` says what it is or what it begins."""
        found = self.take()
        if found != word:
            raise self.error(f"{_shown(found)}, but {word!r} was expected, {what}")

    def whole(self, what: str, least: int, most: int | None = None) -> int:
        """Take a whole number from `least` to `most`."""
        word = self.take()
        if not WHOLE.fullmatch(word):
            raise self.error(f"{_shown(word)}, but a whole number was expected, {what}")
        if int(word) < least or (most is not None and int(word) > most):
            span = f"from {least} to {most}" if most is not None else f"of at least {least}"
            raise self.error(f"{word}, but a whole number {span} was expected, {what}")
        return int(word)

    def numbers(self, count: int, what: str) -> np.ndarray:
        """Take so many numbers, fractions such as 1/3 among them, each as the nearest float64."""
        return np.fromiter(self._numbers(count, what), np.float64, count)

    def _numbers(self, count: int, what: str) -> Iterator[float]:
        for place in range(count):
            word = self.take()
            if not word:
                raise self.error(f"the file ends after {place:,} of {count:,} {what}")
            yield self._number(word, what)

    def _number(self, word: str, what: str) -> float:
        if not NUMBER.fullmatch(word):
            raise self.error(f"{_shown(word)}, but a finite number was expected ({what})")
        try:
            value = nearest_float(word)
        except (OverflowError, ValueError):
            raise self.error(f"{_shown(word)} is too large a number ({what})") from None
        except ZeroDivisionError:
            raise self.error(f"{_shown(word)} divides by zero ({what})") from None
        if not (len(word) <= SURE and word.replace(".", "").isdigit()) and rounds(word, value):
            self._rounded += 1
            self._such_as = self._such_as or one_line(word, 40)
        return value

    def end(self, what: str) -> None:
        """Refuse words that follow; `what` says what the last one should have been."""
        if self.ahead:
            word = self.take()
            raise self.error(f"{_shown(word)} follows {what}, the last of the file")

    def tell_rounded(self) -> None:
        """Note the numbers that were not kept exactly, if there are any."""
        if self._rounded:
            tell_rounded(self.path, self._rounded, self._such_as)


def tell_rounded(what: object, count: int, such_as: str) -> None:
    """Note that so many numbers of `what` are not kept exactly."""
    LOG.info("%s: float64 does not hold %s of it, such as %s: each is the nearest that it holds",
             what, counted(count, "number"), such_as)


def nearest_float(word: str) -> float:
    """The float64 nearest to a number or a fraction. Raises OverflowError, or ValueError for
    thousands of digits, where there is none."""
    above, slash, below = word.partition("/")
    value = int(above) / int(below) if slash else float(word)
    if math.isinf(value):
        raise OverflowError
    return value


def rounds(word: str, value: float) -> bool:
    """Whether a number is another than its float64 `value` as that is written: 0.1 is kept so, 1/3
    is not."""
    if "/" in word:
        return Fraction(word) != Fraction(repr(value))
    if value == 0:               # what is too small may be so for a Decimal, too
        return re.search("[1-9]", re.split("[eE]", word)[0]) is not None
    return Decimal(word) != Decimal(repr(value))


def _shown(word: str) -> str:
    return repr(one_line(word, 40)) if word else "the file ends"
