a.o: a.c \
