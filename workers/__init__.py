"""The processes: they start jobs and know nothing about news."""
