"""The reads: what pages, mails and sweeps ask of the database."""
