"""Pure: no IO, no clock, no randomness, no settings; time and chance come in as arguments."""
