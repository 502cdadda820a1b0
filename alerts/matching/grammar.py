"""From lark's tree of a query to ours, by the rules no grammar can say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import lark

from alerts.matching.boundary import Script, script
from alerts.matching.normal import key
from alerts.matching.syntax import QuerySyntaxError, read
from alerts.matching.tree import (
    About,
    AllOf,
    AnyOf,
    AtLeast,
    Leaf,
    Loose,
    Near,
    Pattern,
    Weighted,
    Within,
    Without,
)

if TYPE_CHECKING:
    from alerts.matching.tree import Node

NEAR_LIMIT = 50
NEAR_DEFAULT = 10
"""Words for a NEAR without a number; Lexalytics' default, Meltwater advises <= 10."""

_FIELDS = ("title", "lead", "body")
_FACTS = ("source", "lang", "url")
_SMALL = ("and", "or", "not")
_OPERATOR_WORD = re.compile(r"(?i)o?near(/.*)?|atleast(/.*)?|and/.*|or/.*")


def parse(query: str) -> Node:
    """The tree of a query.

    Raises:
        QuerySyntaxError: It cannot be read or breaks a rule of DESIGN section 4.
    """
    try:
        return _or(read(query))
    except RecursionError as error:
        raise QuerySyntaxError("the query is nested too deeply") from error


# --- from lark's tree to ours; each function takes the tree of its rule ---------------


def _or(tree: Any) -> Node:
    nodes = tuple(_and(child) for child in tree.children if _is_tree(child))
    return nodes[0] if len(nodes) == 1 else AnyOf(nodes)


def _and(tree: Any) -> Node:
    nodes = tuple(_not(child) for child in tree.children if _is_tree(child))
    return nodes[0] if len(nodes) == 1 else AllOf(nodes)


def _not(tree: Any) -> Node:
    if tree.data == "negated":
        inner = _not(tree.children[1])
        return inner.node if isinstance(inner, Without) else Without(inner)
    return _near(tree.children[0])


def _near(tree: Any) -> Node:
    atoms = [child for child in tree.children if _is_tree(child)]
    operators = [child for child in tree.children if not _is_tree(child)]
    nodes = tuple(_atom(child) for child in atoms)
    if not operators:
        return nodes[0]
    gaps: list[tuple[int, bool]] = []
    for operator in operators:
        name, _, number = operator.partition("/")
        words = int(number) if number else NEAR_DEFAULT
        if words > NEAR_LIMIT:
            raise _at(operator, f"{operator} is too far; at most {NEAR_LIMIT} words")
        gaps.append((words, name == "ONEAR"))
    for node in nodes:
        if not _is_operand(node):
            message = (
                f"{operators[0]} joins words, phrases, entities or OR-groups of them; "
                "AND, NOT, NEAR and others may not stand inside"
            )
            raise _at(operators[0], message)
    return Near(nodes, tuple(gaps))


def _is_operand(node: Node) -> bool:
    match node:
        case Leaf() | Loose():
            return True
        case AnyOf(nodes):
            return all(map(_is_operand, nodes))
        case Within(_, child) | Weighted(_, child):
            return _is_operand(child)
        case _:
            return False


def _atom(tree: Any) -> Node:
    if tree.data == "atleast":
        token, group = tree.children
        count = int(token.partition("/")[2])
        if count < 1:
            raise _at(token, "ATLEAST counts from 1")
        node = _group(group)
        if not _is_operand(node):
            raise _at(
                token, "ATLEAST counts words, phrases, entities or OR-groups of them"
            )
        return AtLeast(count, node)
    if tree.data == "field":
        return _field(*tree.children)
    return _part(tree.children[0])


def _part(tree: Any) -> Node:
    return _group(tree) if tree.data == "group" else _term(tree)


def _group(tree: Any) -> Node:
    boost = tree.children[1] if len(tree.children) > 1 else None
    return _weighted(_or(tree.children[0]), boost)


def _field(token: lark.Token, tree: Any) -> Node:
    name = token[:-1]
    if name in _FIELDS:
        return Within(name, _part(tree))
    if name in _FACTS:
        return _facts(name, token, tree)
    import difflib

    near = difflib.get_close_matches(name, (*_FIELDS, *_FACTS), 1)
    hint = f"; did you mean {near[0]}:?" if near else '; put text with ":" in quotes'
    raise _at(token, f"unknown field {token}{hint}")


def _facts(name: str, token: lark.Token, tree: Any) -> Node:
    """A fact, or an OR of facts: source:(yonhap OR tass)."""
    if tree.data != "group":
        first = tree.children[0]
        if first.type not in {"WORD", "PHRASE", "PREFIX"} or len(tree.children) > 1:
            raise _at(token, f"{token} takes a word or a phrase")
        value = first.strip('"').strip()
        if not value:
            raise _at(token, f"{token} is empty")
        return About(name, value)
    values: list[Node] = []
    for term in tree.iter_subtrees_topdown():
        if term.data in {"negated", "atleast", "field"} or _has(term, "AND", "NEAR"):
            raise _at(token, f"{token} takes a word, a phrase or an OR of them")
        if term.data in {"word", "phrase", "prefix", "entity", "regex"}:
            values.append(_facts(name, token, term))
        if term.data == "and_" and sum(map(_is_tree, term.children)) > 1:
            raise _at(token, f"{token} takes a word, a phrase or an OR of them")
    return values[0] if len(values) == 1 else AnyOf(tuple(values))


def _has(tree: Any, *kinds: str) -> bool:
    return any(getattr(child, "type", "") in kinds for child in tree.children)


def _term(tree: Any) -> Node:
    token = tree.children[0]
    extras = {extra.type: extra for extra in tree.children[1:]}
    node: Node
    if tree.data == "entity":
        node = Leaf(str(token))
    elif tree.data == "regex":
        node = Pattern(token[1:-1].replace(r"\/", "/"))
    elif tree.data == "phrase":
        node = _phrase(token, extras.get("SLOP"))
    else:
        if _OPERATOR_WORD.fullmatch(token):
            message = f"{token} is not an operator here; write NEAR/5, ATLEAST/3 (...)"
            raise _at(token, f"{message}, or quote it")
        if token in _SMALL:
            message = f"{token} in small letters is a word to look for"
            raise _at(token, f"{message}; write {token.upper()}, or quote it")
        node = _leaf(token, str(token))
    return _weighted(node, extras.get("BOOST"))


def _phrase(token: lark.Token, slop: lark.Token | None) -> Node:
    text = token[1:-1]
    if slop is None:
        return _leaf(token, text)
    if int(slop[1:]) > NEAR_LIMIT:
        raise _at(slop, f"{slop} is too far; at most {NEAR_LIMIT} words")
    words = key(text).split(" ")
    if len(words) < 2:
        return _leaf(token, text)
    return Loose(int(slop[1:]), tuple(_leaf(token, word) for word in words))


def _leaf(token: lark.Token, text: str) -> Leaf:
    prefix = text.endswith("*")
    stem = key(text.removesuffix("*"))
    if not any(char.isalnum() for char in stem):
        raise _at(token, f"{token} holds no letter or digit")
    if prefix and (problem := short_prefix(stem)):
        raise _at(token, problem)
    if "*" in stem:
        raise _at(token, "* may only end a word or a phrase")
    return Leaf(f"={stem}*" if prefix else f"={stem}")


def short_prefix(stem: str) -> str | None:
    """Why a stem (normal form) is too short for ``*``, None if it is not."""
    dense = script(stem[-1]) not in {Script.SPACED, Script.OTHER}
    least = 2 if dense else 3
    if sum(char.isalnum() for char in stem) >= least:
        return None
    kind = "characters" if dense else "letters"
    return f"{stem}* is too short: * needs at least {least} {kind} before it"


def _weighted(node: Node, boost: lark.Token | None) -> Node:
    return node if boost is None else Weighted(float(boost[1:]), node)


def _is_tree(child: object) -> bool:
    return isinstance(child, lark.Tree)


def _at(token: lark.Token, message: str) -> QuerySyntaxError:
    return QuerySyntaxError(message, cast("int", token.line), cast("int", token.column))
