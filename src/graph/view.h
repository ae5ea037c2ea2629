/* SPDX-License-Identifier: MIT
 *
 * A graph to look at: text for people, DOT for Graphviz, JSON for programs. Nothing is judged and nothing is run.
 *
 * The JSON is one object:
 *
 *     "goals"  what was asked for: {"target": the word of the command line, "board": id of the recipe,
 *              "files": [ids], "action": id of a step, or null}
 *     "nodes"  {"id", "type": "step", "board", "label", "kind"}
 *              {"id", "type": "file", "board", "name", "path", "placed"}     made by a step; path: where it is placed,
 *              or would be; placed: it was asked for, or a command reads it
 *              {"id", "type": "source", "name", "path"}      a file or folder of the tree
 *     "edges"  {"from", "to", "type"}: "reads" and "after" lead to a step, "makes" and "may-leave" come from one
 *
 * Ids are stable: "step:stm32/PYBV11 firmware.elf", "file:stm32/PYBV11/firmware.elf", "source:py". They do not change with
 * the order of targets, the place of the tree or the state of anything.
 */
#ifndef GRAPH_VIEW_H
#define GRAPH_VIEW_H

#include "base/strbuf.h"
#include "graph/graph.h"

/* All append; the graph has to be ordered. */
bool view_text(const struct graph *g, struct strbuf *out, struct err *e);
bool view_dot(const struct graph *g, struct strbuf *out, struct err *e);
bool view_json(const struct graph *g, struct strbuf *out, struct err *e);

#endif
