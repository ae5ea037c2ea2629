CMakeFiles/f.dir/main.c.o: /t/ports/rp2/main.c \
 /t/py/obj.h /t/my\ dir/a\#b.h \
 /t/c$$d.h
