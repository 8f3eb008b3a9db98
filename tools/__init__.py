"""What make targets need that exceeds a few lines; no part of the product."""
