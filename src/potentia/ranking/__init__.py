"""Rankings: which rule came how near, how soon and how surely, from the table of a sweep."""
