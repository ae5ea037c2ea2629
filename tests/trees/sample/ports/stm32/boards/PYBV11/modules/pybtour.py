# A tour of the pyboard's pins.

import pyb

print(pyb.board)
