# SPDX-License-Identifier: MIT
#
# For completion tests: an interactive zsh on a terminal of its own, which is sent lines and the Tab key; what each line has become is
# printed. Usage: zsh.py FOLDER-OF-_mpflash LINE...
import os, pty, re, select, sys, time
folder, lines = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", PS1="", ZDOTDIR=folder)
    os.execvp("zsh", ["zsh", "-f", "-i"])
def read_until(mark):
    text = b""
    end = time.monotonic() + 60
    while mark not in text:
        if time.monotonic() > end or not select.select([fd], [], [], 60)[0]:
            sys.exit("zsh does not answer: %r" % text)
        text += os.read(fd, 65536)
    return text.decode(errors="replace")
show = 'show() { print -r -- "<<$BUFFER>""> "; BUFFER=""; zle redisplay }; zle -N show; bindkey "^X" show'
os.write(fd, ("unsetopt zle_bracketed_paste list_beep; fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D; %s; print re''ady\n" % (folder, show)).encode())
read_until(b"ready")
for line in lines:
    os.write(fd, line.encode() + b"\t\x18")
    print(re.search(r"<<(.*)>> ", read_until(b">> "), re.S).group(1))
os.write(fd, b"\nexit\n")
os.close(fd)
os.waitpid(pid, 0)
