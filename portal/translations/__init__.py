"""The translations of the portal's own words."""
