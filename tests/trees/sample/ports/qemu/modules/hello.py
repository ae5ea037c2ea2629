# Frozen into every qemu board: `import hello` shows that frozen content is in the image.

import sys

print("hello from frozen code, running on", sys.platform)
