"""The experiments of the paper, as data plus one runner."""
