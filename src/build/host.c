/* SPDX-License-Identifier: MIT
 *
 * The host builder: the port's make with the tools of this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "build/builder.h"
#include "os/fs.h"
#include "os/process.h"

static pid_t host_start(const struct build_job *job, struct err *e)
{
	AUTO_FD log = open(job->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct process_spec spec = {
		.argv = job->argv,
		.env = job->env,
		.cwd = job->cwd,
		.keep_fds = job->keep_fds,
	};

	if (log < 0) {
		err_sys(e, errno, "cannot write the log %s", job->log_path);
		return -1;
	}
	spec.out_fd = log;
	return process_start(&spec, e);
}

const struct builder host_builder = {
	.name = "host",
	.title = "the tools of this machine",
	.start = host_start,
};
