"""Matching: which topics an item is about, how surely, and why."""

from __future__ import annotations

from alerts.matching.matcher import Matcher, Surface
from alerts.matching.refusals import WatchError

__all__ = ["Matcher", "Surface", "WatchError"]
