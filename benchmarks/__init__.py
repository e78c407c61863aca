"""Speed as ratios against peers: a disk built from packages, measured in one run. `make bench` starts it."""
