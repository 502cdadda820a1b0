"""How a letter looks on each kind of channel; pure, one file per look."""
