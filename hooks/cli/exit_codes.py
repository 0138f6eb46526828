"""What each way to end is to a shell."""

OK, FAILED, USAGE, AMBIGUOUS = 0, 1, 2, 3
# As shells count a program that SIGINT ended.
STOPPED = 130
