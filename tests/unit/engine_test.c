/* SPDX-License-Identifier: MIT
 *
 * What the clients of container engines say, and what it means. The texts are theirs: docker 20.10 to 29, podman 4.3 and 5.
 */
#include "build/engine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scratch.h"

#define ID "432c5b92bc93912511b07525491ea5c0e7ea2526a6e72108ac89c7fe17773148"
#define LAYERS "[\"sha256:cb26fbda96ec7f495aa2d0e470f4b5e23fb7b3b82bb4384a39c6dafdbc707ef1\"]"

/* A client of that name, alone on the PATH, that prints `text` and ends with `status`. */
static void put_client(struct scratch *s, const char *name, const char *text, int status)
{
	const char *path = arena_printf(&s->arena, "bin/%s", name);

	scratch_put(s, path,
		    arena_printf(&s->arena, "#!/bin/sh\n/bin/cat <<'END'\n%s\nEND\nexit %d\n", text,
				 status));
	assert_int_equal(chmod(scratch_path(s, path), 0755), 0);
	setenv("PATH", scratch_path(s, "bin"), 1);
}

static void test_id_and_layers_are_the_identity(void **state)
{
	struct scratch *s = *state;
	struct engine_image a, b, c;

	assert_true(engine_parse_image("mpflash-image sha256:" ID " " LAYERS "\n", &s->arena, &a));
	assert_true(a.here);
	assert_string_equal(a.id, ID);
	assert_true(engine_parse_image("WARN[0000] something\nmpflash-image " ID " " LAYERS "\n",
				       &s->arena, &b));
	assert_true(digest_equal(&a.identity, &b.identity));
	assert_true(engine_parse_image("mpflash-image " ID " [\"sha256:00\"]\n", &s->arena, &c));
	assert_false(digest_equal(&a.identity, &c.identity));
}

static void test_what_is_no_answer_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"mpflash-image ",
		"mpflash-image " ID,
		"mpflash-image 432c5b92bc93 " LAYERS,
		"mpflash-image " ID "0 " LAYERS,
		"x mpflash-image " ID " " LAYERS,
		"mpflash-image --privileged " LAYERS,
	};
	struct scratch *s = *state;
	struct engine_image image;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_false(engine_parse_image(texts[i], &s->arena, &image));
		assert_false(image.here);
	}
}

static void test_podman_gets_the_whole_name(void **state)
{
	struct scratch *s = *state;
	struct arena *a = &s->arena;

	assert_string_equal(engine_whole_name("gcc:12-bookworm", a),
			    "docker.io/library/gcc:12-bookworm");
	assert_string_equal(engine_whole_name("espressif/idf:v5.5.2", a),
			    "docker.io/espressif/idf:v5.5.2");
	assert_string_equal(engine_whole_name("ghcr.io/a/b", a), "ghcr.io/a/b");
	assert_string_equal(engine_whole_name("localhost/b", a), "localhost/b");
	assert_string_equal(engine_whole_name("host:5000/b", a), "host:5000/b");
}

static void assert_refused(struct scratch *s, const char *wanted, const char *message,
			   const char *hint)
{
	struct engines *es = engines_create();
	struct engine *g;

	assert_false(engines_find(es, wanted, "an/image", &g, &s->err));
	assert_err(&s->err, message, hint);
	err_free(&s->err);
	/* It is not asked again, and says the same. */
	assert_false(engines_find(es, wanted, "another/image", &g, &s->err));
	assert_err(&s->err, message, hint);
	err_free(&s->err);
	engines_destroy(es);
}

static void test_each_failure_has_its_own_hint(void **state)
{
	static const struct {
		const char *client, *said, *message, *hint;
	} cases[] = {
		{ "docker",
		  "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
		  "docker is installed, but its engine does not run", "systemctl start docker" },
		{ "docker",
		  "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct",
		  "its engine does not run", "systemctl start docker" },
		{ "docker",
		  "Got permission denied while trying to connect to the Docker daemon socket at "
		  "unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied",
		  "no permission to talk to docker", "usermod -aG docker" },
		{ "docker",
		  "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
		  "no permission to talk to docker", "usermod -aG docker" },
		{ "podman",
		  "Cannot connect to Podman. Please verify your connection to the Linux system",
		  "its machine does not run", "podman machine start" },
		{ "podman",
		  "cannot find UID/GID for user x: no subuid ranges found for user \"x\" in /etc/subuid",
		  "no user ids", "--add-subuids" },
		{ "podman", "Error: something else", "podman: something else", "podman info" },
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_client(s, cases[i].client, cases[i].said, 1);
		assert_refused(s, cases[i].client, cases[i].message, cases[i].hint);
	}
}

static void test_without_a_client_there_is_nothing_to_ask(void **state)
{
	struct scratch *s = *state;

	scratch_mkdir(s, "empty");
	setenv("PATH", scratch_path(s, "empty"), 1);
	assert_refused(s, NULL, "no container engine is installed", "apt-get install podman");
	assert_refused(s, "docker", "docker is not on the PATH", "docker.io");
}

static void test_the_one_that_runs_is_taken(void **state)
{
	struct scratch *s = *state;
	struct engines *es;
	struct engine_image image;
	struct engine *g;

	put_client(s, "docker", "Cannot connect to the Docker daemon", 1);
	put_client(s, "podman", "mpflash-image " ID " " LAYERS, 0);
	es = engines_create();
	must(engines_find(es, NULL, "an/image", &g, &s->err), &s->err);
	assert_string_equal(engine_name(g), "podman");
	must(engine_image(g, "an/image", &image, &s->err), &s->err);
	assert_true(image.here);
	engines_destroy(es);
}

static void test_an_image_that_is_not_there_is_no_failure(void **state)
{
	static const char *const said[] = {
		"Error: No such image: an/image",
		"Error response from daemon: No such image: an/image",
		"Error: inspecting object: an/image: image not known",
		/* a name that none can have is nothing against the engine */
		"Error: inspecting object: invalid reference format",
		"Error: inspecting object: repository name must be lowercase"
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		struct engines *es;
		struct engine_image image;
		struct engine *g;

		put_client(s, "docker", said[i], 1);
		es = engines_create();
		must(engines_find(es, "docker", "an/image", &g, &s->err), &s->err);
		must(engine_image(g, "an/image", &image, &s->err), &s->err);
		assert_false(image.here);
		engines_destroy(es);
	}
}

static void test_a_pull_that_failed_says_why(void **state)
{
	static const struct {
		const char *said, *message, *hint;
	} cases[] = {
		{ "Trying to pull x\nError: dial tcp: lookup docker.io: no such host\n",
		  "the network does not give it: dial tcp", "docker pull an/image" },
		{ "Error response from daemon: manifest for an/image not found: manifest unknown\n",
		  "there is no image an/image", "--container IMAGE" },
		{ "Error response from daemon: pull access denied for an/image\n",
		  "there is no image an/image", "--container IMAGE" },
		{ "invalid reference format: repository name must be lowercase\n",
		  "there is no image an/image", "--container IMAGE" },
		{ "write /var/lib/x: no space left on device\n",
		  "the image an/image cannot be pulled: docker: write", "docker info" },
	};
	struct scratch *s = *state;
	struct engines *es;
	struct engine *g;

	put_client(s, "docker", "Error: No such image", 1);
	es = engines_create();
	must(engines_find(es, "docker", "an/image", &g, &s->err), &s->err);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(engine_explain_pull(g, "an/image", cases[i].said, &s->err));
		assert_err(&s->err, cases[i].message, cases[i].hint);
		err_free(&s->err);
	}
	engines_destroy(es);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_id_and_layers_are_the_identity),
		TEST(test_what_is_no_answer_is_none),
		TEST(test_podman_gets_the_whole_name),
		TEST(test_each_failure_has_its_own_hint),
		TEST(test_without_a_client_there_is_nothing_to_ask),
		TEST(test_the_one_that_runs_is_taken),
		TEST(test_an_image_that_is_not_there_is_no_failure),
		TEST(test_a_pull_that_failed_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
