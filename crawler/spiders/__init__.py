"""The spiders: list pages and sitemaps."""
