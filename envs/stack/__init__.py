"""The Pulumi stack of an environment, by the `pulumi` command."""
