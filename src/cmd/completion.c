/* SPDX-License-Identifier: MIT
 *
 * `mpflash completion SHELL`: the script that makes a shell ask `mpflash complete`. The scripts only carry words; all that is
 * known about commands, options and boards is in one place, and in step with the program.
 */
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

/*
 * bash takes words apart at = : and @ too (COMP_WORDBREAKS) and replaces only what stands behind the last of them, so words are put
 * together, and candidates cut.
 */
static const char bash_script[] =
	"# bash completion of mpflash; written by `mpflash completion bash`\n"
	"\n"
	"_mpflash()\n"
	"{\n"
	"\tlocal IFS=$' \\t\\n' cur word line c breaks= cut= glue=\n"
	"\tlocal -a words=()\n"
	"\tlocal -i i\n"
	"\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ -n $word && -z ${word//[=:@]/} ]] && ((${#words[@]})); then\n"
	"\t\t\twords[${#words[@]} - 1]+=$word\n"
	"\t\t\tglue=1\n"
	"\t\t\tcontinue\n"
	"\t\telif [[ $glue ]]; then\n"
	"\t\t\twords[${#words[@]} - 1]+=$word\n"
	"\t\telse\n"
	"\t\t\twords+=(\"$word\")\n"
	"\t\tfi\n"
	"\t\tglue=\n"
	"\tdone\n"
	"\t# Quotes that the user typed: whole words in them, blanks, the home folder.\n"
	"\tfor ((i = 0; i < ${#words[@]}; i++)); do\n"
	"\t\tword=${words[i]}\n"
	"\t\tcase $word in\n"
	"\t\t\\'*\\' | \\\"*\\\") word=${word:1:${#word}-2} ;;\n"
	"\t\t\"~/\"*) word=$HOME/${word:2} ;;\n"
	"\t\t*) word=${word//\\\\ / } ;;\n"
	"\t\tesac\n"
	"\t\twords[i]=$word\n"
	"\tdone\n"
	"\tcur=${words[${#words[@]} - 1]-}\n"
	"\tfor c in = : @; do\n"
	"\t\t[[ $COMP_WORDBREAKS != *\"$c\"* ]] || breaks+=$c\n"
	"\tdone\n"
	"\t[[ -z $breaks || $cur != *[$breaks]* ]] || cut=${cur%\"${cur##*[$breaks]}\"}\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS=$'\\t' read -r line _; do\n"
	"\t\tcase $line in\n"
	"\t\t:files | :dirs)\n"
	"\t\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\t\tc=-f\n"
	"\t\t\t[[ $line != :dirs ]] || c=-d\n"
	"\t\t\twhile IFS= read -r line; do\n"
	"\t\t\t\tCOMPREPLY+=(\"$line\")\n"
	"\t\t\tdone < <(compgen $c -- \"${cur#\"$cut\"}\")\n"
	"\t\t\t;;\n"
	"\t\t*) COMPREPLY+=(\"${line#\"$cut\"}\") ;;\n"
	"\t\tesac\n"
	"\tdone < <(\"${1/#\\~\\//$HOME/}\" complete -- \"${words[@]}\" 2>/dev/null)\n"
	"\t[[ ${#COMPREPLY[@]} != 1 || $COMPREPLY != *[-/=] ]] || compopt -o nospace 2>/dev/null\n"
	"}\n"
	"\n"
	"complete -F _mpflash mpflash\n";

static const char zsh_script[] =
	"#compdef mpflash\n"
	"# zsh completion of mpflash; written by `mpflash completion zsh`\n"
	"\n"
	"_mpflash() {\n"
	"\tlocal line word program=${(Q)words[1]}\n"
	"\tlocal -a open ready shown paths\n"
	"\tprogram=${program/#\\~\\//$HOME/}\n"
	"\tfor line in ${(f)\"$($program complete -- \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)\"}; do\n"
	"\t\tword=${line%%$'\\t'*}\n"
	"\t\tcase $word in\n"
	"\t\t:files) paths=(_files) ;;\n"
	"\t\t:dirs) paths=(_files -/) ;;\n"
	"\t\t*[-/=]) open+=($word) ;;\n"
	"\t\t*)\n"
	"\t\t\tready+=($word)\n"
	"\t\t\tshown+=(\"${word}${${line#$word}:+  -- ${line#*$'\\t'}}\")\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t(( ! $#open )) || compadd -S '' -- $open\n"
	"\tif (( $#ready > 40 )); then\n"
	"\t\tcompadd -- $ready\n"
	"\telif (( $#ready )); then\n"
	"\t\tcompadd -l -d shown -- $ready\n"
	"\tfi\n"
	"\t(( $#paths )) || return 0\n"
	"\tcompset -P '--*='\n"
	"\t$paths\n"
	"}\n"
	"\n"
	"if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
	"\t_mpflash \"$@\"\n"
	"else\n"
	"\tcompdef _mpflash mpflash\n"
	"fi\n";

static const char fish_script[] =
	"# fish completion of mpflash; written by `mpflash completion fish`\n"
	"\n"
	"function __mpflash_complete\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l word (commandline -ct)\n"
	"\tset -l program (string replace -r '^~/' \"$HOME/\" -- $words[1])\n"
	"\tset -e words[1]\n"
	"\tfor line in ($program complete -- $words \"$word\" 2>/dev/null)\n"
	"\t\tswitch $line\n"
	"\t\t\tcase :files\n"
	"\t\t\t\t__fish_complete_path \"$word\"\n"
	"\t\t\tcase :dirs\n"
	"\t\t\t\t__fish_complete_directories \"$word\" ''\n"
	"\t\t\tcase '*'\n"
	"\t\t\t\techo $line\n"
	"\t\tend\n"
	"\tend\n"
	"end\n"
	"\n"
	"complete -c mpflash -f -a '(__mpflash_complete)'\n";

static const struct {
	const char *shell, *script;
} scripts[] = {
	{ "bash", bash_script },
	{ "fish", fish_script },
	{ "zsh", zsh_script },
};

static bool print_script(const struct strv *words, struct err *e)
{
	for (size_t i = 0; words->count == 1 && i < ARRAY_SIZE(scripts); i++)
		if (strcmp(scripts[i].shell, words->items[0]) == 0) {
			fputs(scripts[i].script, stdout);
			return true;
		}
	if (words->count == 1)
		err_usage(e, "there is no completion for '%s'", words->items[0]);
	else
		err_usage(e, "completion wants the name of a shell");
	return err_hint(e, "bash, fish or zsh");
}

static const char shells_help[] =
	"The examples are for one session, and for good: bash looks in that folder, fish in its\n"
	"~/.config/fish/completions/mpflash.fish, zsh in all folders of $fpath for _mpflash. `ninja install` has put all\n"
	"three where the shells of a system look.\n";

static bool completion_run(int argc, char **argv, struct err *e)
{
	static const struct option table[] = { { 0 } };
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&completion_command, shells_help, table);
	else if (ok)
		ok = print_script(&p.words, e);
	parsed_free(&p);
	return ok;
}

const struct command completion_command = {
	.name = "completion",
	.usage = "completion bash|fish|zsh",
	.summary = "print the script that completes words in a shell",
	.examples = "source <(mpflash completion bash)             # zsh alike\n"
		    "mpflash completion fish | source\n"
		    "mpflash completion bash >~/.local/share/bash-completion/completions/mpflash\n",
	.words = WORDS_SHELLS,
	.run = completion_run,
};
