"""`envs show`: the values of one environment after all layers, and where each of them was said."""
