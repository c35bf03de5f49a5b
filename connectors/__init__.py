"""Connectors carry out in other systems what the portal wants; they know no requests, people or database."""
