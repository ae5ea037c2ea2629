// Names that the core needs whatever the sources say, one Q(name) a line.
Q(__main__)
Q(None)
Q(print)
