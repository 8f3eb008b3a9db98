"""Files of YAML in, objects to judge with the places of their values out."""
