"""What goes out: topics, matching, stories, policy, messages, channels."""
