#pragma once

#include <quix/detail/separate.hpp>

namespace quix {

/// After it Ctrl-C (SIGINT), SIGTERM, SIGUSR1 (a batch system's warning), SIGXCPU (its limit of CPU time) and SIGHUP
/// end the run after the current step, with a checkpoint. A second signal, of any of these kinds, ends the process at
/// once. A SIGHUP that is ignored (nohup) stays so. SIGPIPE and SIGXFSZ (the limit of a file's size) are ignored.
void catch_signals();
/// The signal that came, or 0.
int stop_signal();

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/stop.ipp>
#endif
