"""A self-contained run: a miniature web, a mail sink and the real daemon."""
