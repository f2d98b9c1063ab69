"""Processes of this machine: start and watch images, find running agents, run the command of on_change."""
