"""What polling costs, and how soon it sees what was published."""
