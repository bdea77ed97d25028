"""Pages for people without anything from outside; the style inside each page is named by hash in its policy."""
