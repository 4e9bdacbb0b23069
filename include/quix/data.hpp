#pragma once

// Tar shards: write, index, decode, load. Usable alone, without torch.

#include <quix/data/array.hpp>
#include <quix/data/augment.hpp>
#include <quix/data/auto_augment.hpp>
#include <quix/data/class_folders.hpp>
#include <quix/data/class_names.hpp>
#include <quix/data/class_tree.hpp>
#include <quix/data/codec.hpp>
#include <quix/data/csv.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/fields.hpp>
#include <quix/data/files.hpp>
#include <quix/data/fingerprint.hpp>
#include <quix/data/idx.hpp>
#include <quix/data/image.hpp>
#include <quix/data/index.hpp>
#include <quix/data/list.hpp>
#include <quix/data/listing.hpp>
#include <quix/data/loader.hpp>
#include <quix/data/order.hpp>
#include <quix/data/philox.hpp>
#include <quix/data/picture.hpp>
#include <quix/data/pipeline.hpp>
#include <quix/data/pool.hpp>
#include <quix/data/predictions.hpp>
#include <quix/data/rle.hpp>
#include <quix/data/sampling.hpp>
#include <quix/data/shards.hpp>
#include <quix/data/stream.hpp>
#include <quix/data/tar.hpp>
#include <quix/data/views.hpp>
#include <quix/data/writer.hpp>
#include <quix/data/zip.hpp>
