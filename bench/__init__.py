"""Measures time and memory of everyday work; prints them for people, and asserts nothing."""
