"""What comes in: sources, fetching, feeds, pages, normalising to items."""
