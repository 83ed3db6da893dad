"""make bench: what the program costs, as ratios of one run, so that another machine can be compared with this one."""
