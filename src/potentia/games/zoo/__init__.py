"""Named games, one file each, with their citation and known facts."""
