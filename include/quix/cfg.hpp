#pragma once

// Structs as configuration: command line, JSON, YAML, TOML, help, schema and completion from an aggregate's type. No
// torch.

#include <quix/cfg/arguments.hpp>
#include <quix/cfg/choice.hpp>
#include <quix/cfg/error.hpp>
#include <quix/cfg/help.hpp>
#include <quix/cfg/inspect.hpp>
#include <quix/cfg/json.hpp>
#include <quix/cfg/note.hpp>
#include <quix/cfg/parse.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/table.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/cfg/text.hpp>
#include <quix/cfg/toml.hpp>
#include <quix/cfg/with.hpp>
#include <quix/cfg/yaml.hpp>
