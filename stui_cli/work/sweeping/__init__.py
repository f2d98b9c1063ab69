"""What is left behind: survey it with evidence, plan, and carry out exactly that."""
