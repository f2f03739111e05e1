"""The command line: a file for each group of commands.

What is slow to import is imported when a command runs, so that help is quick.
"""
