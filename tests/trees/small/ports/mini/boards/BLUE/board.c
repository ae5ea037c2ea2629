/* SPDX-License-Identifier: MIT */
const char mini_board[] __attribute__((used)) = "a blue board";
