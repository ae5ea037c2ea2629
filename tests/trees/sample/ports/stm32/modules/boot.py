# What a pyboard runs first; here it only says that it is there.

print("boot.py, frozen")
