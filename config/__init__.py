"""What an operator may set: settings from the environment, declared state from files."""
