"""From environments to agents: sampling, the loop, what it leaves, and how well that does."""
