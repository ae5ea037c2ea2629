/* SPDX-License-Identifier: MIT
 *
 * Digits in three widths: one byte at a time from a table, four at a time inside a 64-bit word, sixteen at a time with
 * SSE2, which every x86-64 has.
 */
#include "image/hex_digits.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "image/le.h"

/* A digit's value with this bit set; 0 for what is no digit. */
enum { IS_DIGIT = 0x10 };
#define D(n) (IS_DIGIT | (n))
static const uint8_t digits[256] = {
	['0'] = D(0),  ['1'] = D(1),  ['2'] = D(2),  ['3'] = D(3),  ['4'] = D(4),  ['5'] = D(5),
	['6'] = D(6),  ['7'] = D(7),  ['8'] = D(8),  ['9'] = D(9),  ['A'] = D(10), ['B'] = D(11),
	['C'] = D(12), ['D'] = D(13), ['E'] = D(14), ['F'] = D(15), ['a'] = D(10), ['b'] = D(11),
	['c'] = D(12), ['d'] = D(13), ['e'] = D(14), ['f'] = D(15),
};
#undef D

/* The two digits of every byte. */
#define ROW(h)                                                                                \
	h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9" h "A" h "B" h "C" h "D" h \
	  "E" h "F"
static const char pairs[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7")
	ROW("8") ROW("9") ROW("A") ROW("B") ROW("C") ROW("D") ROW("E") ROW("F");
#undef ROW

bool hex_is_digit(uint8_t c)
{
	return digits[c] != 0;
}

/* The sum is kept in a variable: behind the pointer it could be one of the bytes that are written. */
static inline bool decode_bytes(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum)
{
	uint8_t good = IS_DIGIT, total = *sum;

	for (size_t i = 0; i < count; i++) {
		uint8_t high = digits[text[2 * i]], low = digits[text[2 * i + 1]];
		uint8_t byte = (uint8_t)(high << 4 | (low & 15));

		good &= high & low;
		total = (uint8_t)(total + byte);
		to[i] = byte;
	}
	*sum = total;
	return good != 0;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte)) /* in all eight bytes of a word */

/*
 * Eight digits, the first one in the word's lowest byte. A comparison adds what makes bit 7 of a byte say "at least"; no
 * byte carries into the next, since bit 7 of all of them is clear before.
 */
static bool decode_word(uint64_t text, uint8_t *to, uint8_t *sum)
{
	uint64_t lower = text | EACH(0x20), ascii = ~text & EACH(0x80), bits = text & EACH(0x7f);
	uint64_t digit = (bits + EACH(0x80 - '0')) & ~(bits + EACH(0x80 - '9' - 1));
	uint64_t small = lower & EACH(0x7f);
	uint64_t letter = (small + EACH(0x80 - 'a')) & ~(small + EACH(0x80 - 'f' - 1));
	uint64_t nibbles = (text & EACH(0x0f)) + (text >> 6 & EACH(1)) * 9;
	uint64_t both = (nibbles << 4 | nibbles >> 8) & UINT64_C(0x00ff00ff00ff00ff);

	*sum = (uint8_t)(*sum + (both * UINT64_C(0x0001000100010001) >> 48));
	both = (both | both >> 8) & UINT64_C(0x0000ffff0000ffff);
	put_le32(to, (uint32_t)(both | both >> 16));
	return ((digit | letter) & ascii) == EACH(0x80);
}

bool hex_decode_portable(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum)
{
	bool good = true;

	for (; count >= 4; count -= 4, text += 8, to += 4)
		good &= decode_word(get_le32(text) | (uint64_t)get_le32(text + 4) << 32, to, sum);
	return decode_bytes(text, count, to, sum) && good;
}

char *hex_encode_portable(char *to, const uint8_t *data, size_t count, uint8_t *sum)
{
	uint8_t total = *sum;

	for (size_t i = 0; i < count; i++) {
		total = (uint8_t)(total + data[i]);
		memcpy(to + 2 * i, pairs + 2 * (size_t)data[i], 2);
	}
	*sum = total;
	return to + 2 * count;
}

#ifdef __SSE2__
enum { WIDE = 16 }; /* bytes of a register */

static uint8_t sum_of(__m128i bytes)
{
	__m128i halves = _mm_sad_epu8(bytes, _mm_setzero_si128());

	return (uint8_t)(_mm_cvtsi128_si32(halves) + _mm_extract_epi16(halves, 4));
}

/* Sixteen digits' values as eight 16-bit bytes; *good keeps all bits only when all are digits. */
static inline __m128i decode_half(__m128i v, __m128i *good)
{
	__m128i decimal = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
	__m128i is_decimal = _mm_cmpeq_epi8(_mm_min_epu8(decimal, _mm_set1_epi8(9)), decimal);
	__m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
	__m128i nibbles =
		_mm_or_si128(_mm_and_si128(is_decimal, decimal),
			     _mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
	__m128i both = _mm_or_si128(_mm_slli_epi16(nibbles, 4), _mm_srli_epi16(nibbles, 8));

	*good = _mm_and_si128(*good, _mm_or_si128(is_decimal, is_letter));
	return _mm_and_si128(both, _mm_set1_epi16(0xff));
}

static inline __m128i load(const uint8_t *text)
{
	return _mm_loadu_si128((const __m128i *)(const void *)text);
}

/* Eight characters, and zeros behind them. */
static inline __m128i load_half(const uint8_t *text)
{
	__m128i v = _mm_loadl_epi64((const __m128i *)(const void *)text);

	return _mm_unpacklo_epi64(v, _mm_set1_epi8('0'));
}

bool hex_decode(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum)
{
	__m128i good = _mm_set1_epi8(-1), bytes;
	uint8_t total = *sum;
	uint32_t four;

	for (; count >= WIDE; count -= WIDE, text += 2 * (size_t)WIDE, to += WIDE) {
		bytes = _mm_packus_epi16(decode_half(load(text), &good),
					 decode_half(load(text + WIDE), &good));
		_mm_storeu_si128((__m128i *)(void *)to, bytes);
		total = (uint8_t)(total + sum_of(bytes));
	}
	/* What is left: 8, 4, and less than 4. A record's head is 4. */
	if (count >= 8) {
		bytes = _mm_packus_epi16(decode_half(load(text), &good), _mm_setzero_si128());
		_mm_storel_epi64((__m128i *)(void *)to, bytes);
		total = (uint8_t)(total + sum_of(bytes));
		count -= 8, text += 16, to += 8;
	}
	if (count >= 4) {
		bytes = _mm_packus_epi16(decode_half(load_half(text), &good), _mm_setzero_si128());
		four = (uint32_t)_mm_cvtsi128_si32(bytes);
		memcpy(to, &four, sizeof(four));
		total = (uint8_t)(total + sum_of(bytes));
		count -= 4, text += 8, to += 4;
	}
	*sum = total;
	return decode_bytes(text, count, to, sum) && _mm_movemask_epi8(good) == 0xffff;
}

/* The characters of sixteen values from 0 to 15. */
static __m128i characters(__m128i nibbles)
{
	__m128i letters = _mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9));

	return _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')),
			    _mm_and_si128(letters, _mm_set1_epi8('A' - '9' - 1)));
}

char *hex_encode(char *to, const uint8_t *data, size_t count, uint8_t *sum)
{
	const __m128i mask = _mm_set1_epi8(0x0f);

	for (; count >= WIDE; count -= WIDE, data += WIDE, to += 2 * (size_t)WIDE) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)data);
		__m128i high = characters(_mm_and_si128(_mm_srli_epi16(v, 4), mask));
		__m128i low = characters(_mm_and_si128(v, mask));

		*sum = (uint8_t)(*sum + sum_of(v));
		_mm_storeu_si128((__m128i *)(void *)to, _mm_unpacklo_epi8(high, low));
		_mm_storeu_si128((__m128i *)(void *)(to + WIDE), _mm_unpackhi_epi8(high, low));
	}
	return hex_encode_portable(to, data, count, sum);
}
#else
bool hex_decode(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum)
{
	return hex_decode_portable(text, count, to, sum);
}

char *hex_encode(char *to, const uint8_t *data, size_t count, uint8_t *sum)
{
	return hex_encode_portable(to, data, count, sum);
}
#endif
