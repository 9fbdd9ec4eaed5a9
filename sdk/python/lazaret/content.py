"""Contents: values that the host holds under a label, and that a component may hold unread."""

from .held import Content, Label, Piece

__all__ = ["Content", "Label", "Piece"]
