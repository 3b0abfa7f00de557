"""The process that tells a person what happens, and hears what they say; it trades nothing."""
