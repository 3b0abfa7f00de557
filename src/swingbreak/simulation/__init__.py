"""A pure exchange and the made-up days it trades on."""
