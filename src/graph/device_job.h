/* SPDX-License-Identifier: MIT
 *
 * What the steps that act on a device share: the device, the method, the image, and the child process that does the work, so that
 * several devices are written at once and a fault in a driver ends one of them only.
 */
#ifndef GRAPH_DEVICE_JOB_H
#define GRAPH_DEVICE_JOB_H

#include "board/files.h"
#include "flash/method.h"
#include "graph/device_choice.h"
#include "graph/device_progress.h"
#include "graph/device_text.h"
#include "graph/recipe.h"
#include "image/image.h"

/* Made once, kept in step->detail. */
struct device_job {
	struct session *s;
	struct step *step;
	/* the real device; NULL: not chosen yet, or the method has devices of its own */
	const struct device *device;
	const struct device
		*chosen; /* the same when the step was made for one of several; else NULL */
	const struct flash_method *method;
	struct flash_target target;
	struct image_options options; /* the target's */
	bool has_options;
	struct devices again;   /* of a device that was worked on before: where it is since */
	const char *image_path; /* this firmware; NULL: --image, or what is built */
	struct image_file file; /* stays open until the session ends: the image points into it */
	bool loaded;
	struct local_files files; /* --files */
	bool files_only;          /* the board has the image: only its files are looked at */
	struct digest image;
	const char *stamp;     /* of the build; "" when not known */
	struct err trouble;    /* of a variable that target.get could not read */
	const char *came_back; /* when its work was done: the device's id; NULL: not known */
	/* --- while the child works --- */
	struct device_shared *shared;
	struct device_progress progress;
	struct strbuf said; /* by the child, through its pipe */
	size_t said_at;     /* so far its notes were told */
	int notes_fd;       /* in the child: where its notes go; 0: none, notes are told at once */
};

/* The step's job, made at the first call; no method yet. */
struct device_job *device_job_of(struct session *s, struct step *step);

/* Chooses the method, and with it the device: --method, else the first of the rules that can serve one. */
bool device_job_open(struct device_job *job, struct err *e);
/* Part of that: a device that was worked on in this run is found again, where it is now, and is the job's. */
bool device_job_follow(struct device_job *job, struct err *e);
/* It is the one to act on, and the step is told with its name. */
void device_job_set_device(struct device_job *job, const struct device *d);
/* Opens the image that is to be written or compared, and checks what can be known without the device. */
bool device_job_load(struct device_job *job, struct err *e);
bool device_job_check(struct device_job *job, struct err *e);

/* Starts `work` in a child: its result, or its error, comes out of device_job_result. */
typedef bool device_work_fn(struct device_job *job, struct flash_result *result, struct err *e);
bool device_job_start(struct device_job *job, device_work_fn *work, struct err *e);
bool device_job_result(struct device_job *job, const struct process_exit *x,
		       struct device_result *result, struct err *e);

/* A step_kind's. */
void device_job_tick(struct session *s, struct step *step, int64_t now_ms, struct strbuf *text,
		     int *permille);
bool device_job_stop(struct session *s, struct step *step);
void device_job_close(struct step *step);

#endif
