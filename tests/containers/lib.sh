# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Real podman for the container tests, read after tests/cli/lib.sh. Nothing of it touches the stores of this machine's users:
# the image (tests/containers/image) is made once, kept below $MPFLASH_TEST_CACHE, and each test has a store of its own on
# top of it, in $T. At exit its containers are removed.
#
#	podman_set_up   exports what makes `podman` use the test's store and sets $IMAGE; returns 1 with the reason in $why where
#	                there is no podman, or it cannot start a container here
#	user_set_up     as root only: the same for an ordinary user who exists for as_user alone, with a range of subordinate ids
#	                and the home $T/user/home; returns 1 with $why
#	as_user CMD...  runs it as that user, in $PWD, with a store of that user's own
#	user_forget     ends what podman keeps running for that user: its next container sees new subordinate ids
#	containers      names of the containers in the test's stores, running or not

# shellcheck disable=SC2034 # $why is for the test to read
: "${MPFLASH_TEST_CACHE:?read tests/cli/lib.sh first}"
containers_dir=$TESTS_DIR/containers
user_id=61999
user_subids=300000

# podman_conf DIR STORE RUN [IMAGES]: files that make podman keep all that it writes in STORE and RUN
podman_conf() {
	# Whatever else this machine prefers: runc and cgroupfs work with hybrid control groups and without a systemd; locks in
	# files are gone with the folder.
	cat >"$1/containers.conf" <<END
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
tmp_dir = "$3/tmp"
END
	cat >"$1/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$2"
rootless_storage_path = "$2"
runroot = "$3/storage"
END
	[ -z "${4-}" ] || printf '[storage.options]\nadditionalimagestores = ["%s"]\n' "$4" >>"$1/storage.conf"
}

# image_made: makes $images_tar unless it is there. With the lock held.
image_made() {
	[ ! -s "$images_tar" ] || return 0
	rm -f "$MPFLASH_TEST_CACHE"/image-*
	diag "making the containers' image: a minute or two, once on this machine"
	nice sh "$containers_dir/image" "$images_tar.new" >"$MPFLASH_TEST_CACHE/image.log" 2>&1 ||
		{ why="no image: $(tail -n 1 "$MPFLASH_TEST_CACHE/image.log")" && return 1; }
	mv "$images_tar.new" "$images_tar"
}

# image_stored STORE CMD...: a store with the image, written by `CMD... podman`, is at STORE. With the lock held.
image_stored() {
	[ ! -d "$1" ] || return 0
	image_made || return 1
	stored=$1
	shift
	zstd -dc "$images_tar" | "$@" podman import -q --change 'CMD ["/bin/sh"]' - "$IMAGE" >"$MPFLASH_TEST_CACHE/import.log" 2>&1 ||
		{ why="podman cannot import the image: $(tail -n 1 "$MPFLASH_TEST_CACHE/import.log")" && return 1; }
	umount "$stored.new/overlay" 2>/dev/null
	mv "$stored.new" "$stored"
}

# store_removed PATTERN...: stores that earlier recipes left
store_removed() {
	for old; do
		[ -d "$old" ] || continue
		umount "$old/overlay" 2>/dev/null
		rm -rf "$old" 2>/dev/null || podman unshare rm -rf "$old"
	done
}

podman_set_up() {
	PATH=$PATH:/usr/sbin:/sbin
	for tool in podman runc mmdebstrap zstd flock; do
		command -v $tool >/dev/null || { why="$tool is not here; ./configure --deps test installs it" && return 1; }
	done
	image_id=$(sh "$containers_dir/image" --id)
	IMAGE=localhost/mpflash-test:$image_id
	images_tar=$MPFLASH_TEST_CACHE/image-$image_id.tar.zst
	images=$MPFLASH_TEST_CACHE/store-$image_id-$(id -u)
	mkdir -p "$MPFLASH_TEST_CACHE" "$T/podman"
	# podman's sockets are there: with a path of more than about 80 bytes each container takes 20 s to end.
	podman_run=$(mktemp -d /tmp/mpflash-p.XXXXXX) || exit 99
	chmod 711 "$podman_run"
	mkdir -m 700 "$podman_run/root"
	CONTAINERS_CONF=$T/podman/containers.conf CONTAINERS_STORAGE_CONF=$T/podman/storage.conf
	export CONTAINERS_CONF CONTAINERS_STORAGE_CONF PATH
	[ "$(id -u)" = 0 ] || { XDG_RUNTIME_DIR=$podman_run/root && export XDG_RUNTIME_DIR; }
	trap container_exit EXIT
	podman_conf "$T/podman" "$images.new" "$podman_run/root"
	exec 8>"$MPFLASH_TEST_CACHE/lock"
	flock 8
	[ -d "$images" ] || store_removed "$MPFLASH_TEST_CACHE"/store-*-"$(id -u)" "$images.new"
	image_stored "$images" env
	stored=$?
	exec 8>&-
	[ "$stored" = 0 ] || return 1
	rm -rf "$podman_run/root"
	mkdir "$T/podman/store"
	mkdir -m 700 "$podman_run/root"
	podman_conf "$T/podman" "$T/podman/store" "$podman_run/root" "$images"
	why=$(podman run --rm --network none "$IMAGE" /bin/true 2>&1 | tail -n 1) && [ -z "$why" ] && return 0
	why="podman cannot start a container here: $why"
	return 1
}

# as_user needs no account: in a mount namespace of its own the user stands in /etc/passwd, and what lies below folders
# that only root may enter is reached through an empty one.
user_set_up() {
	user_ready=
	[ "$(id -u)" = 0 ] || { why='only root can become another user' && return 1; }
	for tool in newuidmap unshare setpriv; do
		command -v $tool >/dev/null || { why="$tool is not here; ./configure --deps test installs it" && return 1; }
	done
	mkdir -p "$T/user/home" "$podman_run/user"
	chmod 755 "$T" "$T/user"
	{ cat /etc/passwd && printf 'mpuser:x:%d:%d::%s:/bin/sh\n' $user_id $user_id "$T/user/home"; } >"$T/user/passwd"
	{ cat /etc/group && printf 'mpuser:x:%d:\n' $user_id; } >"$T/user/group"
	printf 'mpuser:%d:65536\n' $user_subids >"$T/user/subid"
	user_images=$MPFLASH_TEST_CACHE/user-$image_id
	user_enter_script >"$T/user/enter"
	stored=0
	exec 8>"$MPFLASH_TEST_CACHE/lock"
	flock 8
	if [ ! -d "$user_images" ]; then
		store_removed "$MPFLASH_TEST_CACHE"/user-*
		mkdir "$user_images.new"
	fi
	chown -R $user_id:$user_id "$T/user/home" "$podman_run/user"
	chmod 700 "$podman_run/user"
	if [ ! -d "$user_images" ]; then
		chown $user_id:$user_id "$user_images.new"
		podman_conf "$T/user" "$user_images.new" "$podman_run/user"
		user_reaches="$user_images.new"
		image_stored "$user_images" as_user
		stored=$?
		user_forget
	fi
	exec 8>&-
	[ "$stored" = 0 ] || return 1
	user_reaches=$user_images
	podman_conf "$T/user" "$T/user/home/store" "$podman_run/user" "$user_images"
	user_ready=1
	why=$(as_user podman run --rm --network none "$IMAGE" /bin/true 2>&1 | tail -n 1) && [ -z "$why" ] && return 0
	why="podman cannot start a container for an ordinary user here: $why"
	return 1
}

user_enter_script() {
	cat <<'END'
# enter T UID REACH... -- CMD...: in a mount namespace of its own
t=$1 uid=$2 reach=
shift 2
mount --make-rshared / && mount -t tmpfs -o mode=755 none /mnt || exit 125
for file in passwd group; do
	mount --bind "$t/user/$file" /etc/$file || exit 125
done
for file in subuid subgid; do
	[ -e /etc/$file ] || : >/etc/$file
	mount --bind "$t/user/subid" /etc/$file || exit 125
done
here=$PWD n=0
while [ "$1" != -- ]; do
	n=$((n + 1))
	mkdir /mnt/$n && mount --bind "$1" /mnt/$n && ln -s "$1" /mnt/$n.path || exit 125
	shift
done
shift
while [ $n -gt 0 ]; do
	path=$(readlink /mnt/$n.path)
	closed=$path
	above=$path
	while [ "$above" != / ]; do
		above=$(dirname -- "$above")
		[ -z "$(find "$above" -maxdepth 0 ! -perm -001)" ] || closed=$above
	done
	[ "$closed" = "$path" ] || mount -t tmpfs -o mode=755 none "$closed" || exit 125
	n=$((n - 1))
done
for link in /mnt/*.path; do
	path=$(readlink "$link")
	[ "$path" -ef "${link%.path}" ] || { mkdir -p "$path" && mount --bind "${link%.path}" "$path"; } || exit 125
done
cd "$here" || exit 125
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
END
}

# shellcheck disable=SC2086
as_user() {
	unshare --mount sh "$T/user/enter" "$T" $user_id "$T" "$(dirname -- "$MPFLASH")" "$TESTS_DIR/.." $user_reaches -- \
		env HOME="$T/user/home" TMPDIR="$podman_run/user" XDG_RUNTIME_DIR="$podman_run/user" XDG_CONFIG_HOME="$T/user/home/.config" \
		XDG_CACHE_HOME="$T/user/home/.cache" XDG_DATA_HOME="$T/user/home/.local/share" \
		MPFLASH_CACHE="$T/user/home/cache" CONTAINERS_CONF="$T/user/containers.conf" \
		CONTAINERS_STORAGE_CONF="$T/user/storage.conf" "$@"
}

# user_forget: the process that keeps the user's namespaces, with the mounts of its time, ends; the next podman makes new ones
user_forget() {
	find "$podman_run/user" -name pause.pid | while read -r pause; do
		kill -KILL "$(cat "$pause")" 2>/dev/null
		rm -f "$pause"
	done
}

containers() {
	podman ps -a --format '{{.Names}}'
	[ -z "${user_ready-}" ] || as_user podman ps -a --format '{{.Names}}'
}

# mounts_below DIR: the deepest first
mounts_below() {
	cut -d' ' -f2 /proc/self/mounts | while read -r mounts_at; do
		printf '%b\n' "$(printf '%s' "$mounts_at" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"
	done | mounts_dir=$1 awk 'index($0, ENVIRON["mounts_dir"] "/") == 1' | sort -r
}

container_exit() {
	container_status=$?
	trap - EXIT
	if [ -d "$T/podman/store" ]; then
		podman rm -af -t 0 >/dev/null 2>&1
		[ "$(id -u)" = 0 ] || podman system migrate >/dev/null 2>&1
	fi
	if [ -d "$T/user" ]; then
		as_user podman rm -af -t 0 >/dev/null 2>&1
		user_forget
	fi
	[ "$(id -u)" = 0 ] || podman unshare rm -rf "$T/podman" 2>/dev/null
	# Deleting goes through what is still mounted, and that may be somebody else's: then rather nothing is deleted.
	mounts_below "$T" | while read -r mounted; do
		umount "$mounted" || diag "still mounted: $mounted"
	done
	mounts_below "$podman_run" | while read -r mounted; do
		umount "$mounted"
	done
	[ -n "$(mounts_below "$podman_run")" ] || rm -rf "$podman_run"
	if [ -n "$(mounts_below "$T")" ]; then
		diag "not removed, since something is mounted there: $T"
		exit 97
	fi
	(exit "$container_status")
	tap_exit
}
