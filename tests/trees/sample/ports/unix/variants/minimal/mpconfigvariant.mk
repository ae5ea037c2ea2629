# As little as possible: nothing frozen.

FROZEN_MANIFEST =
