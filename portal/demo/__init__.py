"""The demo: an organisation, its directory and its mailbox, imported only when the demo is on."""
