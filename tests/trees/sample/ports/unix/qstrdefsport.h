// Names that this port needs whatever its sources say, one Q(name) a line.
Q(linux)
