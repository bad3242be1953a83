"""Peers in their plain documented form, where no frozen script has them; run in environments of their own."""
