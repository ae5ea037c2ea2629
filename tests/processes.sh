# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Which processes belong to a folder. A daemon that left its parent, its session and its environment behind is still
# found by what it has open.

# processes_of DIR [NAME]: pids of processes that run in DIR, have a file below it open, or name it in their
# arguments or environment; only those whose command line holds NAME, if given. The caller and its children that run
# this are none of them, as long as DIR is not in the caller's own arguments, environment or working folder.
processes_of() {
	# All helpers have ended when the loop begins: those that name DIR in their environment are not there any more.
	for processes_pid in $(processes_with "$1"); do
		[ "$processes_pid" != $$ ] || continue
		[ -z "${2-}" ] || ps_line "$processes_pid" | grep -qF -e "$2" || continue
		case $(ps_state "$processes_pid") in
		"" | Z* | X*) ;; # ended, or waits to be reaped
		*) printf '%s\n' "$processes_pid" ;;
		esac
	done
}

processes_with() {
	if [ -d /proc/self/fd ]; then
		# The pattern goes through a pipe: as an argument it would find itself.
		{
			# shellcheck disable=SC2062 # /proc/... are the files
			printf '%s\n' "$1" | grep -lsF -f - -- /proc/[0-9]*/environ /proc/[0-9]*/cmdline
			find /proc/[0-9]*/cwd /proc/[0-9]*/fd -maxdepth 1 \( -lname "$1" -o -lname "$1/*" \) 2>/dev/null
		} | cut -d/ -f3
	else
		# shellcheck disable=SC2009 # pgrep matches patterns only
		ps -A -o pid= -o command= | grep -F -e "$1" | grep -v 'grep -F' | awk '{ print $1 }'
	fi | sort -un
}

# ps_line PID: its command line
ps_line() {
	if [ -r "/proc/$1/cmdline" ]; then
		tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null
	else
		ps -o command= -p "$1"
	fi
}

ps_state() {
	if [ -d /proc/self ]; then
		awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null
	else
		ps -o state= -p "$1"
	fi
}

# end_processes DIR: waits up to two seconds for them to go by themselves, then names and kills them. Fails when there
# was something to kill.
end_processes() {
	processes_wait=0
	while [ -n "$(processes_of "$1")" ]; do
		if [ "$processes_wait" -ge 10 ]; then
			for processes_pid in $(processes_of "$1"); do
				printf '# left running: %s %s\n' "$processes_pid" "$(ps_line "$processes_pid")" >&2
				kill -KILL "$processes_pid" 2>/dev/null
			done
			return 1
		fi
		processes_wait=$((processes_wait + 1))
		sleep 0.2
	done
}
