#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Which builder is chosen, and what is told when a container engine cannot be used. The engines are scripts that print what the
# clients print (docker 20 to 29, podman 4.3 and 5), and that write down how they are called; container.t runs a real one.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3
small_tree "$T/tree"
cd "$T/tree" || exit
cat >mpflash.rules.more <<'END'
port mini
  container = some/image:1
END
mv mpflash.rules.more "$T/container.rules"

# A PATH with the clients that a test puts there, and what a host build needs but the compiler for Arm.
mkdir "$T/none" "$T/tools" "$T/engines"
for tool in sh make mkdir cat sleep git sed uname python3 gcc cc as ld; do
	found=$(command -v "$tool") && ln -s "$found" "$T/tools/$tool"
done
cp -R "$T/tools" "$T/arm"
for tool in gcc objcopy ld; do
	ln -s "$(command -v arm-none-eabi-$tool)" "$T/arm/arm-none-eabi-$tool"
done

# engine NAME SCRIPT: a client that runs SCRIPT; its calls go to $T/calls.
engine() {
	{
		printf '#!/bin/sh\n'
		# shellcheck disable=SC2016 # for the client
		printf 'printf "%%s\\n" "${0##*/} $*" >>"%s/calls"\n' "$T"
		printf '%s\n' "$2"
	} >"$T/engines/$1"
	chmod +x "$T/engines/$1"
}

no_engines() {
	rm -f "$T"/engines/* "$T/calls"
	: >"$T/calls"
}

# make_with PATH WORD...: mpflash make with that PATH, and the engines in front of it
make_with() {
	with=$1
	shift
	run env PATH="$T/engines:$with" "$MPFLASH" make --rules "$T/container.rules" "$@"
}

# told NAME ERROR HINT: the last run failed with these (EREs), once each
told() {
	is "$1: exit status" "$status" 1
	like "$1: error" "$err" "^error: .*$2"
	like "$1: hint" "$err" "^hint: .*$3"
	is "$1: one of each" "$(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ')" '1 1'
}

calls() {
	grep -c . "$T/calls"
}

id=432c5b92bc93912511b07525491ea5c0e7ea2526a6e72108ac89c7fe17773148
# shellcheck disable=SC2016 # for the clients
here='[ "$1 $2" != "image inspect" ] || { echo "mpflash-image sha256:'$id' [\"sha256:00\"]"; exit; }'
down='echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1'
# shellcheck disable=SC2016
absent='[ "$1 $2" != "image inspect" ] || { echo "Error: No such image: $5" >&2; exit 1; }'

# --- which one ---
no_engines
engine docker "$here"
make_with "$T/arm" --explain RED
is 'the host is taken where its tools are' "$status" 0
like 'and --explain says why' "$err" 'mini/RED: runs on the host: its tools are on this machine'
is 'no engine was asked' "$(calls)" 0

make_with "$T/tools" -n --explain BLUE
is 'an engine is taken where tools are missing' "$status" 0
is 'it was asked once' "$(cat "$T/calls")" \
	'docker image inspect --format mpflash-image {{.Id}} {{json .RootFS.Layers}} some/image:1'

no_engines
engine docker "$down"
engine podman "$here"
make_with "$T/tools" -n RED BLUE
is 'the one that runs is taken' "$status" 0
is 'each was asked once for two boards' "$(cut -d ' ' -f 1 "$T/calls" | tr '\n' ' ')" 'docker podman '

no_engines
engine docker "$here"
MPFLASH_BUILDER=docker
export MPFLASH_BUILDER
make_with "$T/arm" -n BLUE
is 'MPFLASH_BUILDER says which' "$status $(calls)" '0 1'
make_with "$T/arm" -n --builder host BLUE
is '--builder goes before it' "$status $(calls)" '0 1'
MPFLASH_BUILDER=lxc
make_with "$T/arm" -n BLUE
is 'an unknown MPFLASH_BUILDER is a mistake' "$status" 2
like 'which is named' "$err" "^error: MPFLASH_BUILDER wants auto, docker, host or podman, not 'lxc'"
unset MPFLASH_BUILDER
make_with "$T/arm" --builder lxc BLUE
is 'and so is an unknown --builder' "$status" 2
make_with "$T/arm" --container --privileged BLUE
is 'an image is no option of the engine' "$status" 2
make_with "$T/arm" --container x --builder host BLUE
is 'an image on the host is a mistake' "$status" 2

# --- an image by another name is the same image ---
no_engines
engine docker "$here"
make_with "$T/arm" -n --json --container 'other/name' BLUE
first=$(printf '%s\n' "$out" | grep '"plan"')
make_with "$T/arm" -n --json --container 'some/image' BLUE
is 'the name of an image is no reason to build' "$(printf '%s\n' "$out" | grep '"plan"')" "$first"

# --- what can be wrong ---
no_engines
make_with "$T/tools" BLUE
told 'neither tools nor an engine' 'not on the PATH: arm-none-eabi-gcc.*no container engine is installed' 'sudo apt-get install gcc-arm-none-eabi [^;]*$'
make_with "$T/arm" --builder podman BLUE
told 'no such engine' 'podman is not on the PATH' 'apt-get install podman'

engine docker "$down"
make_with "$T/arm" --builder docker BLUE
told 'an engine that does not run' 'docker is installed, but its engine does not run' 'systemctl start docker'
make_with "$T/tools" BLUE
told 'the same where tools are missing' 'not on the PATH: arm-none-eabi-gcc.*its engine does not run' 'systemctl start docker'

engine docker 'echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1'
make_with "$T/arm" --builder docker BLUE
told 'a socket that is not for us' 'no permission to talk to docker' 'usermod -aG docker'

engine podman 'echo "Error: cannot set up namespace using \"/usr/bin/newuidmap\": no subuid ranges found" >&2; exit 125'
make_with "$T/arm" --builder podman BLUE
told 'podman without ids' 'podman has no user ids' 'add-subuids'

engine docker "$absent
echo 'Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host' >&2; exit 1"
make_with "$T/arm" --builder docker BLUE
told 'an image that cannot be pulled' 'some/image:1 is not on this machine, and the network does not give it' 'docker pull some/image:1'
no_engines
engine docker "$absent"
make_with "$T/arm" --builder docker --offline BLUE
told 'an image that may not be pulled' 'some/image:1 is not on this machine, and --offline' 'docker pull some/image:1'
is 'was not pulled' "$(grep -c ' pull' "$T/calls")" 0

engine docker "$absent
echo 'Error response from daemon: pull access denied for some/image, repository does not exist' >&2; exit 1"
make_with "$T/arm" --builder docker BLUE
told 'an image that nobody has' 'there is no image some/image:1' '--container IMAGE'

engine docker "$absent
echo '5f70bf18a086: Pulling fs layer'; sleep 1.5; echo '5f70bf18a086: no space left on device' >&2; exit 1"
run env SCREEN_SEEN="$T/seen" python3 "$TESTS_DIR/emu/screen.py" 100x24 env PATH="$T/engines:$T/arm" "$MPFLASH" make \
	--rules "$T/container.rules" --builder docker BLUE
like 'a pull on a terminal: what the engine says' "$(cat "$T/seen")" '^pull .*  1 s, 5f70bf18a086: Pulling fs layer$'
unlike 'a pull on a terminal: the status area is gone' "$out" '^(\[[0-9]|pull some)'
run env PATH="$T/engines:$T/arm" MPFLASH_PROGRESS=1 "$MPFLASH" make --rules "$T/container.rules" --builder docker BLUE
like 'a pull in a log: a line now and then' "$err" '^pull .*: 1 s, 5f70bf18a086: Pulling fs layer$'

# shellcheck disable=SC2016
engine docker "$here
"'case $1 in info) echo "[]" ;; run) echo "docker: Error response from daemon: out of everything." >&2; exit 125 ;; esac'
make_with "$T/arm" --builder docker BLUE
told 'a container that does not start' 'no container of some/image:1: docker: .*out of everything' 'docker info'

run env PATH="$T/engines:$T/arm" "$MPFLASH" make --builder docker BLUE
told 'rules without an image' 'name no image to build it in' '--container IMAGE'

# --- the words of a run ---
no_engines
# shellcheck disable=SC2016
engine docker "$here
"'case $1 in info) echo "[\"name=rootless\"]" ;; run) shift; printf "%s\n" "$@" >"'"$T"'/words"; exit 2 ;; esac'
# shellcheck disable=SC2016 # for make, as it is
make_with "$T/arm" --builder docker --set 'CFLAGS_EXTRA=-DX="$(id)"' BLUE
is 'a run that fails' "$status" 1
like 'the failure names the image' "$err" 'make ended with exit status 2 in a container of docker, image some/image:1'
words=$(cat "$T/words")
like 'no network' "$words" '^none$'
like 'the image by its id' "$words" "^$id\$"
like 'user 0 of a rootless engine' "$words" '^0:0$'
like 'the tree to read' "$words" "^$T/tree:$T/tree:ro\$"
like 'values come as they are' "$words" '^CFLAGS_EXTRA=-DX="\$\(id\)"$'
unlike 'no terminal' "$words" '^(-t|--tty|-it)$'
unlike 'no devices' "$words" '^--(device|privileged)'
unlike 'the PATH is the image'"'"'s' "$words" '^PATH='

# What compilers are to look for elsewhere is shown to them, in whatever words.
mkdir -p "$T/inc one" "$T/inc two/sub" "$T/inc three" "$T/inc-four" "$T/five"
make_with "$T/arm" --builder docker --set "CFLAGS_EXTRA=-I$T/inc-four -DX='\"$T/five\"' -O2" \
	--set "DIR=$T/inc two/sub" BLUE
words=$(cat "$T/words")
for dir in inc-four five 'inc two/sub'; do
	like "$dir is there to read" "$words" "^$T/$dir:$T/$dir:ro\$"
done
unlike 'what nobody named is not' "$words" 'inc (one|three)'

# A name is never taken for an option.
printf 'port mini\n  container = --privileged\n' >"$T/container.rules"
: >"$T/calls"
make_with "$T/arm" --builder docker BLUE
told 'an image that looks like an option' 'takes for an option: --privileged' "begin with '-'"
is 'no engine was called' "$(calls)" 0

done_testing
