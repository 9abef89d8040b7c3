"""What joins this package to other libraries, each module to the library of its name.

Each is optional: it imports its library when it is imported itself, and nothing else in this package
imports it.
"""
