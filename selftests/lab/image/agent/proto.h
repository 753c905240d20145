/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands into a guest without disk or network: remote calls through
 * xenstore, driven by dom0, stateless and idempotent, so that a call that is
 * cut by xl save is simply repeated after xl restore.
 *
 * A client in dom0 owns /local/domain/N/data/agent/CLIENT/:
 *   in0..in15    payload of the request, XS_VALUE bytes each
 *   req          "SEQ OP ARG...", written last
 *   out0..out15  payload of the answer
 *   rsp          "SEQ ok ARG..." or "SEQ error TEXT", written last
 * and rings data/agent-bell. Operations:
 *   ping                        answers the agent's process id
 *   put BYTES OFFSET MODE PATH  writes the payload into a file
 *   start JOB                   runs bash on AGENT_DIR/JOB.sh; again: no-op
 *   run BYTES JOB               put of that script, and start
 *   poll JOB OUT ERR            output from these offsets; answers
 *                               "STATE OUTBYTES ERRBYTES", STATE running or
 *                               the exit status; held back up to AGENT_HOLD_MS
 *                               while there is nothing to tell; with
 *                               PEEK_OFFSET as OUT: the state at once
 *   kill JOB SIGNAL             to the job's whole session
 * A job is forgotten a while after its end was told.
 */
#ifndef PROTO_H
#define PROTO_H

#define AGENT_DIR "/run/agent"
#define AGENT_STORE "data/agent"
#define AGENT_BELL "data/agent-bell"
#define AGENT_CHUNKS 16
#define AGENT_HOLD_MS 1000
#define PEEK_OFFSET ((size_t)1 << 60)

#endif
