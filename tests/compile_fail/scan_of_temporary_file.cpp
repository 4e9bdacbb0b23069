// error: quix: a TarScan refers to its file; pass a variable that outlives the scan, not a temporary
#include <quix/data/tar.hpp>
quix::TarScan scan(quix::io::File("train_0000.tar"));
