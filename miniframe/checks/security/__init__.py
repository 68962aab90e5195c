"""What `check --deploy` has to say about security; each module registers its checks when it is imported."""
