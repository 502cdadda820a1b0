"""The grammar of queries: text in, lark's tree or a sentence on what is wrong out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

import lark

if TYPE_CHECKING:
    from collections.abc import Iterable

# Precedence NOT > NEAR > AND > OR; NOT takes a whole NEAR, since an operand of NEAR
# cannot be negative. The lexer is not contextual: AND is never a word.
_GRAMMAR = r"""
start: or_
or_: and_ (OR and_)*
and_: not_ (AND? not_)*
not_: NOT not_ -> negated
    | near
near: atom (NEAR atom)*
atom: ATLEAST group -> atleast
    | FIELD term -> field
    | FIELD group -> field
    | term
    | group
group: "(" or_ ")" BOOST?
term: PHRASE SLOP? BOOST? -> phrase
    | PREFIX BOOST? -> prefix
    | WORD BOOST? -> word
    | ENTITY BOOST? -> entity
    | REGEX BOOST? -> regex

AND.9: /AND(?=[\s()"]|$)/
OR.9: /OR(?=[\s()"]|$)/
NOT.9: /NOT(?=[\s()"]|$)/
NEAR.9: /O?NEAR(\/\d+)?(?=[\s("@]|$)/
ATLEAST.9: /ATLEAST\/\d+(?=[\s(])/
FIELD.8: /[a-z]+:/
PHRASE: /"[^"]*"/
REGEX.7: /\/(\\.|[^\/\\])+\//
ENTITY: /@[^\s()"^~*:@]+/
PREFIX.2: /[^\s()"^~*:@\/][^\s()"^~*:]*\*(?=[\s()"^]|$)/
WORD.1: /[^\s()"^~*:@\/][^\s()"^~*:]*/
SLOP: /~\d+/
BOOST: /\^\d+(\.\d+)?/
%ignore /\s+/
"""

_NAMES = {
    "AND": "AND",
    "OR": "OR",
    "NOT": "NOT",
    "NEAR": "NEAR/n",
    "ATLEAST": "ATLEAST/n",
    "FIELD": "a field",
    "PHRASE": 'a "phrase"',
    "PREFIX": "a word*",
    "WORD": "a word",
    "ENTITY": "an @entity",
    "REGEX": "a /regex/",
    "SLOP": "~n",
    "BOOST": "^points",
    "LPAR": "(",
    "RPAR": ")",
    "$END": "the end",
}
_TERMS = ("WORD", "PREFIX", "PHRASE", "ENTITY", "REGEX")


class QuerySyntaxError(Exception):
    """A query that cannot be read; the message names line and column."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"line {line}, column {column}: {message}")


@cache
def _parser() -> lark.Lark:
    return lark.Lark(_GRAMMAR, parser="lalr", lexer="basic")


def read(query: str) -> lark.Tree[lark.Token]:
    """Lark's tree of a query's outermost OR.

    Raises:
        QuerySyntaxError: It is empty or no query.
    """
    if not query.strip():
        raise QuerySyntaxError("the query is empty")
    try:
        return cast("lark.Tree[lark.Token]", _parser().parse(query).children[0])
    except lark.exceptions.UnexpectedEOF as error:
        wanted = _wanted(error.expected)
        raise QuerySyntaxError(
            f"the query ends too early; expected {wanted}", 1, len(query) + 1
        ) from error
    except lark.exceptions.UnexpectedToken as error:
        if error.token.type == "$END":
            message = f"the query ends too early; expected {_wanted(error.expected)}"
            raise QuerySyntaxError(message, 1, len(query) + 1) from error
        message = f"unexpected {str(error.token)!r}; expected {_wanted(error.expected)}"
        raise QuerySyntaxError(message, error.line, error.column) from error
    except lark.exceptions.UnexpectedCharacters as error:
        raise QuerySyntaxError(
            _stray(query, error), error.line, error.column
        ) from error


def _wanted(expected: Iterable[str]) -> str:
    names = set(expected)
    if names.issuperset(_TERMS):
        names.difference_update(_TERMS, {"FIELD", "ATLEAST", "LPAR", "NOT"})
        rest = [_NAMES.get(name, name) for name in sorted(names)]
        return ", ".join(['a word, "phrase", @entity or (group)', *rest])
    return ", ".join(_NAMES.get(name, name) for name in sorted(names))


def _stray(query: str, error: lark.exceptions.UnexpectedCharacters) -> str:
    char = query[cast("int", error.pos_in_stream)]
    if char == '"':
        return 'a " without its closing "'
    if char == "*":
        return "* may only end a word or a phrase"
    if char == ":":
        return 'a ":" outside a field; put the text in quotes'
    return f"unexpected {char!r}"
