"""What a Pulumi stack contains of an environment."""
