"""What can be wrong with a local stack, told in one sentence: what it is and what to do."""


class StackError(Exception):
    """The stack cannot do what was asked; the text is for the person at the terminal."""
