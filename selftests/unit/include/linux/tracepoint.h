/* SPDX-License-Identifier: GPL-2.0 */
/* Each tracepoint is a function that does nothing. */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#define TP_PROTO(...) __VA_ARGS__
#define TRACE_EVENT(name, proto, ...) \
	static inline void trace_##name(proto) {} _Static_assert(1, #name)
#define DECLARE_EVENT_CLASS(name, ...) _Static_assert(1, #name)
#define DEFINE_EVENT(class, name, proto, ...) \
	static inline void trace_##name(proto) {} _Static_assert(1, #name)

#endif /* SHIM_LINUX_TRACEPOINT_H */
