"""Matching: which topics an item is about, how surely, and why."""

from __future__ import annotations

from alerts.matching.borrowing import Borrowed
from alerts.matching.matcher import Matcher
from alerts.matching.naming import Naming
from alerts.matching.refusals import WatchError
from alerts.matching.surfaces import Surface

__all__ = ["Borrowed", "Matcher", "Naming", "Surface", "WatchError"]
