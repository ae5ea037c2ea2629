# A module of the port, frozen.

import rp2

print("blink: this is an", rp2.chip)
