"""What a person is told while they are away: made of what a day keeps, and paced; pure."""
