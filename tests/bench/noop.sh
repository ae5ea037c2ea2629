#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A board that is up to date: mpflash against the port's own make in its build folder, on the sample tree.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
tree=$TMPDIR/tree
cp -R "$here/../trees/sample" "$tree"
git -C "$tree" init -q
git -C "$tree" add -A
git -C "$tree" -c user.name=bench -c user.email=bench@localhost commit -q -m sample
git -C "$tree" tag v1.29.0-preview
"$MPFLASH" make -C "$tree" NUCLEO_H563ZI >/dev/null 2>&1
make -C "$tree/mpy-cross" >/dev/null 2>&1 # first, or it would inherit BUILD
make -C "$tree/ports/stm32" BOARD=NUCLEO_H563ZI BUILD="$TMPDIR/build" >/dev/null 2>&1
sleep 3 # files that changed less than two seconds ago are read again
"$MPFLASH" make -C "$tree" NUCLEO_H563ZI >/dev/null 2>&1
python3 "$here/peers.py" 11 \
	'mpflash, nothing to do' "'$MPFLASH' make -C '$tree' NUCLEO_H563ZI" \
	'make, nothing to do' "make -C '$tree/ports/stm32' BOARD=NUCLEO_H563ZI BUILD='$TMPDIR/build'"
python3 "$here/peers.py" 11 \
	'mpflash --version' "'$MPFLASH' --version" \
	'make --version' 'make --version'
