"""The playground as an agent of stui protocol 1: connections, sessions, jobs, and what each request does."""
