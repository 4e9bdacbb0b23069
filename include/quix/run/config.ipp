#pragma once

#include <quix/run/config.hpp>

namespace quix {

#ifdef QUIX_SEPARATE
template void Table::add(Accuracy&, const std::string&, bool);
template void Table::add(AdamW&, const std::string&, bool);
template void Table::add(Checkpoint&, const std::string&, bool);
template void Table::add(Constant&, const std::string&, bool);
template void Table::add(Cosine&, const std::string&, bool);
template void Table::add(CrossEntropy&, const std::string&, bool);
template void Table::add(DefaultAverage&, const std::string&, bool);
template void Table::add(DefaultPrecision&, const std::string&, bool);
template void Table::add(Eager<>&, const std::string&, bool);
template void Table::add(Groups&, const std::string&, bool);
template void Table::add(Log&, const std::string&, bool);
template void Table::add(LossOnly&, const std::string&, bool);
template void Table::add(Normalize&, const std::string&, bool);
template void Table::add(ProgramOptions&, const std::string&, bool);
template void Table::add(Sgd&, const std::string&, bool);
template void Table::add(Train&, const std::string&, bool);
#endif

}  // namespace quix
