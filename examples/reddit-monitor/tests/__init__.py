"""Unit tests of the modules of reddit-monitor: no network, no other process, temporary directories only."""
