"""The shell: config, store, jobs, daemon, commands."""
