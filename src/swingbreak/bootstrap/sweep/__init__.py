"""Many settings over the same days: what to try, running it, keeping it."""
