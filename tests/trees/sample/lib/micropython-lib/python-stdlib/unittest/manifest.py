module("unittest.py")
