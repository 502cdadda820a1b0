"""What ``vedette check`` runs: the topics' own examples, the channels' doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.model import Document, Match, Outcome

if TYPE_CHECKING:
    from alerts.evaluate import Watch
    from crawler.errors import Problem
    from vedette.config import Config


def check_examples(config: Config, watch: Watch) -> tuple[int, list[str]]:
    """Run every topic's examples as titles; how many ran, and what went wrong.

    A topic's scope is about where an item comes from and is left aside here.
    """
    ran, wrong = 0, []
    for topic in config.topics.values():
        expected = [(t, True) for t in topic.hits] + [(t, False) for t in topic.misses]
        for index, (text, should) in enumerate(expected):
            ran += 1
            match = watch.matcher.explain(Document(title=text, text=""), topic.name)
            if match.hit is should:
                continue
            kind = "hit" if should else "miss"
            number = index if should else index - len(topic.hits)
            place = config.problem(
                ("topics", topic.name, "examples", kind, number),
                f"{text!r} {_said(match)}",
            )
            wrong.append(str(place))
    return ran, wrong


def _said(match: Match) -> str:
    if match.hit:
        seen = ", ".join(repr(e.surface) for e in match.evidence[:4])
        return f"should not hit but scores {match.score} by {seen}"
    return (
        f"should hit but does not: {match.gate.value}, "
        f"score {match.score} of {match.threshold:g}"
    )


def common_spellings(config: Config, watch: Watch) -> list[Problem]:
    """A warning for each spelling that ordinary sentences are full of."""
    return [
        config.problem(
            ("entities", each.entity, "aliases", each.index),
            f"{each.alias!r} stands in {each.hits} of {each.sentences} ordinary "
            f"sentences ({each.language}); it will hit all day",
        )
        for each in watch.matcher.too_common()
    ]


async def probe_channels(config: Config) -> list[str]:
    """What keeps a channel from being reached, one sentence each; empty if all are."""
    from alerts.channels import probe

    failures = []
    locked = {problem.path.split(".")[1] for problem in config.missing_secrets()}
    for channel in config.channels.values():
        if channel.name in locked:
            continue  # told already, as a missing secret
        receipt = await probe(channel, allow=config.allow)
        if receipt.outcome is not Outcome.DELIVERED:
            failures.append(
                f"channels.{channel.name}: not reachable: "
                f"{receipt.outcome.value} {receipt.detail}"
            )
    return failures
