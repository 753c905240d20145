/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xenpv-common: what the drivers build on. The only header of common/ that
 * they include. README.md in this folder has the model on one page.
 */
#ifndef XPV_H
#define XPV_H

#include "affinity.h"
#include "debugfs.h"
#include "device.h"
#include "evtchn.h"
#include "feature.h"
#include "grant.h"
#include "grant_copy.h"
#include "grant_map.h"
#include "param.h"
#include "parse.h"
#include "platform.h"
#include "queue.h"
#include "ring.h"
#include "state.h"
#include "stats.h"
#include "token_bucket.h"
#include "types.h"
#include "violation.h"
#include "watch.h"
#include "work.h"
#include "xenstore.h"

#endif /* XPV_H */
