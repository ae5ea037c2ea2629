#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The real esptool (5.6) as a flash method, on an emulated ESP32: what mpflash calls it with is understood, and the flash holds the image.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper flock
peer_python || skip_all "$why"
cd "$T" || exit
emu_start
mkdir bin
printf '#!/bin/sh\nPYTHONPATH=%s LD_PRELOAD=libumockdev-preload.so.0 exec python3 -m esptool "$@"\n' "$PEER_PYTHON" >bin/esptool
chmod +x bin/esptool
PATH=$T/bin:$PATH
cat >boards.rules <<'END'
port esp32
  board EMU_ESP
    flash = esptool
    flash.base = 0x1000
    chip = esp32
    esptool.chip = esp32
END
python3 "$TESTS_DIR/emu/esp_image.py" esp32 60000 >fw.bin || bail 'no image'
python3 -c 'import random, sys; open(sys.argv[1], "wb").write(random.Random(2).randbytes(1 << 22))' flash
cp flash before
: >log
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
emu board ttyUSB0 esp chip=esp32 flash="$T/flash" log="$T/log" reply="$T/reply"
run emu_run "$MPFLASH" make verify-EMU_ESP --rules boards.rules --method esptool --image fw.bin --serial /dev/ttyUSB0 --no-probe
is 'verify of another content: exit status' "$status" 1
like 'verify of another content: it differs' "$err" '^error: .*it differs'
ok 'verify changes nothing' cmp flash before
run emu_run "$MPFLASH" make flash-EMU_ESP --rules boards.rules --method esptool --image fw.bin --serial /dev/ttyUSB0 --no-probe
is 'exit status' "$status" 0 || diag "$err
$(cat cache/log/*/*/flash.log 2>/dev/null)"
like 'verified' "$err" 'written and verified'
# Whole parts of the image; between two parts 0xff is not written.
is 'the flash is the image' "$(python3 - <<'END'
image, flash, before = (open(name, "rb").read() for name in ("fw.bin", "flash", "before"))
got = flash[0x1000:0x1000 + len(image)]
wrong = [i for i in range(len(image)) if got[i] != image[i] and not (image[i] == 0xff and got[i] == before[0x1000 + i])]
print(len(wrong), flash[:0x1000] == before[:0x1000], flash[0x1000 + (len(image) + 4095) // 4096 * 4096:] == before[0x1000 + (len(image) + 4095) // 4096 * 4096:])
END
)" '0 True True'
emu_stop
done_testing
