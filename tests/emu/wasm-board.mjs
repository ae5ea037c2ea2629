// SPDX-License-Identifier: MIT
//
// MicroPython's WebAssembly build as a board: its REPL on standard input and output, for `board PORT exec` of the rig.
// Its argument is the package's folder (tests/peers/lib.sh).
import { pathToFileURL } from 'node:url';

const dir = process.argv[2];
const { loadMicroPython } = await import(pathToFileURL(`${dir}/micropython.mjs`));
let mp;
const boot = async () => {
	mp = await loadMicroPython({
		url: `${dir}/micropython.wasm`,
		stdout: (data) => process.stdout.write(data),
		linebuffer: false,
	});
	mp.replInit();
};
await boot();
// One byte after another, however they come: a character can take its time.
let last = Promise.resolve();
const take = async (data) => {
	for (const byte of data) {
		if (await (mp.replProcessCharWithAsyncify ?? mp.replProcessChar)(byte)) {
			// Ctrl-D at the prompt: what runs a board's REPL says this, and starts it anew
			process.stdout.write('MPY: soft reboot\r\n');
			await boot();
		}
	}
};
process.stdin.on('data', (data) => {
	last = last.then(() => take(data));
});
process.stdin.on('end', () => last.then(() => process.exit(0)));
