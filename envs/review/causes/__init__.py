"""Finds what of a change causes an effect: values of the layers, files that they name, or components."""
