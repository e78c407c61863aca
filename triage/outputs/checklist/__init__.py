"""Lists for people at the machine: what to do, what to prevent, whether it may go back on the network.

One content (`sheet`), two forms: a page to tick on screen (`page`) and a paper to print and sign (`document`).
"""
