"""What we refuse to have resting, and the account in R."""
