/* SPDX-License-Identifier: MIT
 *
 * Rules and methods without boards, store and builds.
 */
#include "cmd/methods.h"

#include "base/suggest.h"
#include "graph/session.h"
#include "source/tree.h"

static bool load(struct method_list *l, const char *tree_root, const struct strv *files,
		 struct err *e)
{
	l->rules = rules_create();
	return rules_load_builtin(l->rules, e) && rules_load_own(l->rules, tree_root, files, e) &&
	       rules_check(l->rules, e) && methods_read(&l->methods, l->rules, e);
}

bool method_list_open(struct method_list *l, const char *tree_dir, const struct strv *files,
		      struct err *e)
{
	struct tree tree = { 0 };
	bool ok;

	if (!tree_open(&tree, tree_dir, e)) {
		if (tree_dir)
			return false;
		err_free(e);
	}
	ok = load(l, tree.root, files, e);
	tree_close(&tree);
	return ok;
}

void method_list_close(struct method_list *l)
{
	methods_free(&l->methods);
	rules_destroy(l->rules);
	*l = (struct method_list){ 0 };
}

static bool no_such_method(const struct methods *m, const char *name, struct err *e)
{
	struct strv names = { 0 };

	for (size_t i = 0; methods_at(m, i); i++)
		vec_push(&names, methods_at(m, i)->name);
	err_usage(e, "there is no flash method '%s'", name);
	if (!suggest_hint(e, name, names.items, names.count))
		err_hint(e, "`mpflash plugins` lists them");
	vec_free(&names);
	return false;
}

bool method_check_name(const char *name, const char *tree_dir, const struct strv *files,
		       bool *through_probe, struct err *e)
{
	const struct flash_method *m = flash_method_by_name(name);
	struct method_list list = { 0 };
	bool ok = m || method_list_open(&list, tree_dir, files, e);

	if (ok && !m)
		m = methods_find(&list.methods, name);
	*through_probe = m && m->runner && m->runner->probes;
	ok = ok && (m || no_such_method(&list.methods, name, e));
	method_list_close(&list);
	return ok;
}
