# Frozen into the unix variants.

import sys

print("greetings from", sys.implementation._machine)
