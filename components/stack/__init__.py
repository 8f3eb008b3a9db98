"""What a Pulumi stack shows of an environment."""
