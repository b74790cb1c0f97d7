"""The project: settings, addresses, home, search page, comparison, dashboard, and the commands that set it up."""
